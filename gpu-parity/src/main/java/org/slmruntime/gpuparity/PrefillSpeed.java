package org.slmruntime.gpuparity;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.slmruntime.cuda.driver.GpuDriver.GemmLibrary;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.gpuparity.Sizes.Shape;
import org.slmruntime.tensor.DType;

/** Products with many tokens: our kernels, cuBLAS, and what must be done for it. */
final class PrefillSpeed {
  private final Sizes sizes;
  private final Shape shape;

  PrefillSpeed(Sizes sizes) {
    this.sizes = sizes;
    this.shape = sizes.matrices().getLast();
  }

  /** Our kernels for a format: for many tokens, and where there is one for few. */
  List<Measurement> own(Lab lab, DType type) {
    Measurement many =
        own(lab, type, "", type == DType.F32 ? Tiles.FLOAT : Tiles.LARGE, sizes.tokens());
    return type == DType.F32
        ? List.of(many)
        : List.of(many, own(lab, type, "_few", Tiles.SMALL, Math.min(16, sizes.tokens())));
  }

  private Measurement own(Lab lab, DType type, String kind, Tiles tiles, int tokens) {
    SplittableRandom random = new SplittableRandom(1);
    DeviceMatrix matrix = DeviceMatrix.random(lab, type, shape.rows(), shape.columns(), random);
    Prepared prepared = Prepared.make(lab, type, tokens, shape.columns(), random);
    long y = lab.allocate(4L * tokens * shape.rows());
    String entry = "gemm_" + LinearCases.suffix(type) + kind;
    Grid grid = tiles.grid(shape.rows(), tokens);
    Launch launch =
        lab.bind(
            entry,
            grid,
            a ->
                prepared
                    .into(matrix.into(a, "weights"))
                    .set("y", y)
                    .set("y_stride", shape.rows())
                    .set("rows", shape.rows())
                    .set("columns", shape.columns())
                    .set("tokens", tokens));
    double micros = new Stopwatch(lab, sizes.repeats()).graph(List.of(launch, launch, launch));
    // With few tokens reading the weights is the bound, with many the arithmetic.
    double bytes = kind.isEmpty() ? 0 : matrix.layout().bytes();
    return new Measurement(entry, told(tokens), micros, bytes, operations(tokens));
  }

  /** The library's bf16 product; empty where there is none. */
  Optional<Measurement> library(Lab lab) {
    return lab.driver().gemm().library().map(gemm -> library(lab, gemm));
  }

  /** On random numbers: a product of zeros takes less power, and so less time. */
  private Measurement library(Lab lab, GemmLibrary gemm) {
    SplittableRandom random = new SplittableRandom(1);
    int columns = shape.columns();
    long w = DeviceMatrix.random(lab, DType.BF16, shape.rows(), columns, random).address();
    long x = DeviceMatrix.random(lab, DType.BF16, sizes.tokens(), columns, random).address();
    long y = lab.allocate(4L * sizes.tokens() * shape.rows());
    double micros =
        new Stopwatch(lab, sizes.repeats())
            .time(
                () ->
                    gemm.multiplyBf16(
                        w,
                        x,
                        y,
                        shape.rows(),
                        shape.rows(),
                        shape.columns(),
                        sizes.tokens(),
                        lab.stream()));
    return new Measurement(
        "cuBLAS bf16", told(sizes.tokens()), micros, 0, operations(sizes.tokens()));
  }

  /** Weights of a format as bf16, for the library. */
  Measurement dequantize(Lab lab, DType type) {
    SplittableRandom random = new SplittableRandom(1);
    DeviceMatrix matrix = DeviceMatrix.random(lab, type, shape.rows(), shape.columns(), random);
    long out = lab.allocate(2L * shape.rows() * shape.columns());
    String entry = "dequantize_" + LinearCases.suffix(type);
    Launch launch =
        lab.bind(
            entry,
            Grid.of(shape.rows(), 128),
            a -> matrix.into(a, "weights").set("out", out).set("columns", shape.columns()));
    double micros = new Stopwatch(lab, sizes.repeats()).graph(List.of(launch, launch, launch));
    double moved = matrix.layout().bytes() + 2.0 * shape.rows() * shape.columns();
    return new Measurement(entry, shape.toString(), micros, moved, 0);
  }

  private String told(int tokens) {
    return shape + ", " + tokens + " tokens";
  }

  private double operations(int tokens) {
    return 2.0 * shape.rows() * shape.columns() * tokens;
  }
}
