package org.slmruntime.gpuparity;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.gpuparity.Sizes.Shape;
import org.slmruntime.tensor.DType;

/** Products with one to eight tokens, from weights that no cache holds. */
final class GemvSpeed {
  /** Blocks per multiprocessor that are tried; the fastest counts. */
  private static final int[] BLOCKS = {1, 2, 4, 8};

  private final Sizes sizes;

  GemvSpeed(Sizes sizes) {
    this.sizes = sizes;
  }

  /** One token with a matrix of each shape. */
  List<Measurement> run(Lab lab, DType type, int width) {
    List<Measurement> found = new ArrayList<>();
    for (Shape shape : sizes.matrices()) {
      found.add(best(lab, type, shape, width));
    }
    return found;
  }

  private Measurement best(Lab lab, DType type, Shape shape, int width) {
    SplittableRandom random = new SplittableRandom(1);
    List<DeviceMatrix> matrices = copies(lab, type, shape, random);
    long x = LinearCases.activations(lab, width, shape.columns(), random);
    long y = lab.allocate(4L * width * shape.rows());
    String entry = "gemv_" + LinearCases.suffix(type) + "_" + width;
    double best = Double.MAX_VALUE;
    int chosen = 0;
    for (int each : BLOCKS) {
      int blocks = each * lab.driver().info().multiprocessors();
      double micros = micros(lab, entry, matrices, Grid.of(blocks, 256), x, y, width);
      if (micros < best) {
        best = micros;
        chosen = each;
      }
    }
    String how = shape + ", " + width + " tokens, " + chosen + " blocks per SM";
    double moved =
        matrices.getFirst().layout().bytes()
            + 4.0 * width * ((double) shape.columns() + shape.rows());
    return new Measurement(entry, how, best, moved, 0);
  }

  private double micros(
      Lab lab, String entry, List<DeviceMatrix> matrices, Grid grid, long x, long y, int tokens) {
    List<Launch> launches = new ArrayList<>();
    for (DeviceMatrix matrix : matrices) {
      int rows = matrix.layout().rows();
      int columns = matrix.layout().columns();
      launches.add(
          lab.bind(
              entry,
              grid,
              a ->
                  matrix
                      .into(a, "weights")
                      .set("x", x)
                      .set("x_stride", columns)
                      .set("activation", -1)
                      .set("y", y)
                      .set("y_stride", rows)
                      .set("rows", rows)
                      .set("columns", columns)
                      .set("tokens", tokens)));
    }
    return new Stopwatch(lab, sizes.repeats()).graph(launches);
  }

  /** Enough of the same matrix that reading all leaves nothing of the first in a cache. */
  private List<DeviceMatrix> copies(Lab lab, DType type, Shape shape, SplittableRandom random) {
    List<DeviceMatrix> matrices = new ArrayList<>();
    DeviceMatrix first = DeviceMatrix.random(lab, type, shape.rows(), shape.columns(), random);
    long bytes = first.layout().bytes();
    matrices.add(first);
    for (long have = bytes; have < sizes.coldBytes(); have += bytes) {
      long address = lab.allocate(bytes);
      lab.driver().copyAsync(address, first.address(), bytes, lab.stream());
      matrices.add(new DeviceMatrix(first.layout(), address));
    }
    lab.driver().synchronize(lab.stream());
    return matrices;
  }
}
