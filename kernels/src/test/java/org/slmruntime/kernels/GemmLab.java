package org.slmruntime.kernels;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slmruntime.ptx.Counters;
import org.slmruntime.ptx.Dim3;
import org.slmruntime.tensor.DType;

/** Prepares activations and multiplies them by matrices of one format, as the backend does. */
record GemmLab(KernelLab lab, DType type) {
  /** A kernel's block and the tile that it computes. */
  enum Tile {
    PLAIN("", 64, 64, 128),
    WIDE("", 128, 64, 256),
    FEW("_few", 32, 16, 256);

    private final String suffix;
    private final int rows;
    private final int tokens;
    private final int threads;

    Tile(String suffix, int rows, int tokens, int threads) {
      this.suffix = suffix;
      this.rows = rows;
      this.tokens = tokens;
      this.threads = threads;
    }

    /** The tiles that there are kernels for. */
    static List<Tile> of(DType type) {
      return type == DType.F32 ? List.of(PLAIN) : List.of(WIDE, FEW);
    }

    /** How often each weight is read for so many tokens. */
    int readings(int tokenCount) {
      return Math.ceilDiv(tokenCount, tokens);
    }
  }

  /** What is done with the sums; addresses, 0 for none. Strides are in floats. */
  record Output(long bias, long residual, int residualStride, long y, int stride) {
    static Output into(long y, int stride) {
      return new Output(0, 0, 0, y, stride);
    }
  }

  /** Of a product. */
  record Size(int rows, int columns, int tokens) {}

  String entry(Tile tile) {
    return "gemm_" + new MatrixLayout(type, 1, type.blockElements()).suffix() + tile.suffix;
  }

  /** Columns of so many of the format's blocks; odd ones where a block is a single value. */
  int columns(int blocks) {
    return type.blockElements() == 1 ? 77 * blocks : blocks * type.blockElements();
  }

  /** The GEMM's arguments for activations, which are prepared on the device. */
  List<Object> prepare(long x, int stride, Size size) {
    if (type == DType.F32) {
      return List.of(x, stride);
    }
    String entry = type == DType.F16 || type == DType.BF16 ? "split_" + type : "int16";
    List<Object> operands = allocate(size);
    List<Object> arguments = new ArrayList<>(List.of(x, stride, 0L, 0f));
    arguments.addAll(operands);
    Collections.addAll(arguments, size.columns, size.tokens);
    launch("prepare_" + entry.toLowerCase(java.util.Locale.ROOT), size.tokens, arguments);
    return operands;
  }

  /**
   * What the GEMM gets to multiply, [tokens][columns]: what is left of activations rounded to
   * integers, or else all of them.
   */
  double[] rounded(List<Object> prepared, float[] x, int stride, Size size) {
    double[] values = new double[size.tokens * size.columns];
    boolean integers = prepared.size() == 3;
    byte[] codes = integers ? lab.bytes((Long) prepared.get(0), 2 * values.length) : new byte[0];
    float[] scales =
        integers ? lab.floats((Long) prepared.get(1), values.length / 32) : new float[0];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          integers
              ? (double) scales[i / 32] * (256 * codes[i] + codes[values.length + i])
              : x[i / size.columns * stride + i % size.columns];
    }
    return values;
  }

  private List<Object> allocate(Size size) {
    long values = (long) size.tokens * size.columns;
    if (type == DType.F16 || type == DType.BF16) {
      long pitch = Math.ceilDiv(size.columns, 8) * 8L;
      return List.of(lab.allocate(4 * pitch * size.tokens), lab.allocate(4L * size.tokens));
    }
    return List.of(lab.allocate(2 * values), lab.allocate(values / 8), lab.allocate(values / 4));
  }

  private void launch(String entry, int blocks, List<Object> arguments) {
    lab.launch(entry, Dim3.of(blocks), Dim3.of(256), arguments.toArray());
  }

  Counters multiply(
      Tile tile, KernelLab.Matrix weights, List<Object> activations, Output output, Size size) {
    List<Object> arguments = new ArrayList<>(List.of(weights));
    arguments.addAll(activations);
    Collections.addAll(arguments, output.bias, output.residual, output.residualStride);
    Collections.addAll(arguments, output.y, output.stride);
    Collections.addAll(arguments, size.rows, size.columns, size.tokens);
    Dim3 grid =
        new Dim3(Math.ceilDiv(size.rows, tile.rows), Math.ceilDiv(size.tokens, tile.tokens), 1);
    return lab.launch(entry(tile), grid, Dim3.of(tile.threads), arguments.toArray());
  }

  /** The product alone, tokens without gaps. */
  float[] product(Tile tile, KernelLab.Matrix weights, List<Object> activations, Size size) {
    long y = lab.allocate(4L * size.rows * size.tokens);
    multiply(tile, weights, activations, Output.into(y, size.rows), size);
    return lab.floats(y, size.rows * size.tokens);
  }
}
