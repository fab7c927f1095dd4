package org.slmruntime.kernels;

import java.util.Arrays;
import java.util.Random;
import org.slmruntime.ptx.Counters;
import org.slmruntime.ptx.Dim3;
import org.slmruntime.tensor.DType;

/** A product of random weights and activations, its launch, and what it should give. */
final class GemvCase {
  static final int NO_ACTIVATION = -1;

  final StoredMatrix matrix;
  final int columns;
  int firstRow;
  int rows;
  int tokens = 1;
  int activation = NO_ACTIVATION;
  boolean norm;
  boolean bias;
  boolean residual;
  boolean inPlace;
  int padding;
  int offset;
  int blocks = 1;
  int threads = 512;

  private final Random random;
  private final float epsilon = 1e-5f;
  private float[] x;
  private float[] normWeights;
  private float[] biases;
  private float[] residuals;

  GemvCase(DType type, int rows, int columns, Random random) {
    this.matrix = StoredMatrix.random(type, rows, columns, random);
    this.rows = rows;
    this.columns = columns;
    this.random = random;
  }

  /** Draws activations for 8 tokens and all that may be added, whether used or not. */
  GemvCase draw() {
    x = gaussians(offset + 8 * xStride());
    normWeights = gaussians(columns);
    // Wilder weights would make some columns much larger than the rest, which 16 bits round worse.
    for (int k = 0; k < columns; k++) {
      normWeights[k] = 1 + normWeights[k] / 8;
    }
    biases = gaussians(rows);
    residuals = gaussians(8 * yStride());
    return this;
  }

  private float[] gaussians(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Makes a token's activations all the same. */
  void setToken(int token, float value) {
    int from = offset + token * xStride();
    Arrays.fill(x, from, from + columns, value);
  }

  int outputs() {
    return activation == NO_ACTIVATION ? rows : rows / 2;
  }

  private int xStride() {
    return columns + padding;
  }

  private int yStride() {
    return outputs() + padding;
  }

  /** What a launch wrote, [token][output], and what it did. */
  record Outcome(float[] y, Counters counters) {}

  /** Launches the kernel for up to {@code variant} tokens. */
  Outcome run(KernelLab lab, int variant) {
    long y = inPlace ? lab.upload(residuals) : lab.allocate(4L * tokens * yStride());
    long added = inPlace ? y : residual ? lab.upload(residuals) : 0L;
    Counters counters =
        lab.launch(
            "gemv_" + matrix.layout().suffix() + "_" + variant,
            Dim3.of(blocks),
            Dim3.of(threads),
            matrix.upload(lab, firstRow),
            lab.upload(x) + 4L * offset,
            xStride(),
            norm ? lab.upload(normWeights) : 0L,
            epsilon,
            bias ? lab.upload(biases) : 0L,
            activation,
            added,
            yStride(),
            y,
            yStride(),
            rows,
            columns,
            tokens);
    return new Outcome(outputs(lab, y), counters);
  }

  private float[] outputs(KernelLab lab, long y) {
    float[] all = new float[tokens * outputs()];
    for (int t = 0; t < tokens; t++) {
      float[] row = lab.floats(y + 4L * t * yStride(), outputs());
      System.arraycopy(row, 0, all, t * outputs(), outputs());
    }
    return all;
  }

  /**
   * The outputs in double precision.
   *
   * @param y as it should be
   * @param size how large it would be if terms had random signs: what rounding is measured with
   */
  record Expected(double[] y, double[] size) {}

  Expected expected(boolean rounded) {
    float[] weights = matrix.decoded();
    Expected all = new Expected(new double[tokens * outputs()], new double[tokens * outputs()]);
    for (int t = 0; t < tokens; t++) {
      double[] sums = new double[rows];
      double[] sizes = new double[rows];
      double[] activations = rounded ? round(activations(t)) : activations(t);
      for (int r = 0; r < rows; r++) {
        int row = (firstRow + r) * columns;
        for (int k = 0; k < columns; k++) {
          double product = weights[row + k] * activations[k];
          sums[r] += product;
          sizes[r] += product * product;
        }
        sums[r] += bias ? biases[r] : 0;
        sizes[r] = Math.sqrt(sizes[r]);
      }
      for (int i = 0; i < outputs(); i++) {
        double value = activation < 0 ? sums[i] : activate(sums[2 * i]) * sums[2 * i + 1];
        int at = t * outputs() + i;
        all.y[at] = value + (residual || inPlace ? residuals[t * yStride() + i] : 0);
        all.size[at] = activation < 0 ? sizes[i] : sizes[2 * i] * sizes[2 * i + 1];
      }
    }
    return all;
  }

  private double[] activations(int token) {
    double[] row = new double[columns];
    double squares = 0;
    for (int k = 0; k < columns; k++) {
      row[k] = x[offset + token * xStride() + k];
      squares += row[k] * row[k];
    }
    double inverse = 1 / Math.sqrt(squares / columns + epsilon);
    for (int k = 0; norm && k < columns; k++) {
      row[k] *= inverse * normWeights[k];
    }
    return row;
  }

  /** To 16 bits per 32 columns, as quantized weights meet them. */
  private double[] round(double[] row) {
    for (int group = 0; group < columns; group += 32) {
      double largest = 0;
      for (int k = group; k < group + 32; k++) {
        largest = Math.max(largest, Math.abs(row[k]));
      }
      double scale = largest / 32512;
      for (int k = group; k < group + 32 && scale > 0; k++) {
        row[k] = scale * Math.rint(row[k] / scale);
      }
    }
    return row;
  }

  private double activate(double v) {
    return switch (activation) {
      case 0 -> v / (1 + Math.exp(-v));
      case 1 -> 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
      default -> v > 0 ? v * v : 0;
    };
  }

  /**
   * The RMS of the errors, relative to that of the outputs and their sizes.
   *
   * @param rounded whether activations are expected to be rounded where weights are quantized; what
   *     is left is the kernel's own
   */
  double error(float[] y, boolean rounded) {
    boolean quantized = matrix.layout().type().blockElements() > 1;
    Expected expected = expected(rounded && quantized);
    double errors = 0;
    double values = 0;
    for (int i = 0; i < y.length; i++) {
      double error = y[i] - expected.y[i];
      errors += error * error;
      values += expected.y[i] * expected.y[i] + expected.size[i] * expected.size[i];
    }
    return Math.sqrt(errors / values);
  }

  @Override
  public String toString() {
    return matrix.layout()
        + Arrays.asList(rows, tokens, activation, norm, bias, residual, inPlace, blocks, threads)
            .toString();
  }
}
