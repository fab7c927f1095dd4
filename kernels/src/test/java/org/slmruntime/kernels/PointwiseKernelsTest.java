package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.ptx.Dim3;
import org.slmruntime.ptx.PtxException;

class PointwiseKernelsTest {
  private static final int ROWS = 3;
  private static final double FLOAT = 1.2e-7;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  private String what(Object what) {
    return what + ", seed " + seed;
  }

  private static Dim3 grid(int width, int rows) {
    return new Dim3(Math.ceilDiv(width, 256), rows, 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 256, 257, 700})
  void addsAndMultiplies(int width) {
    binary("add", width, Double::sum);
    binary("mul", width, (a, b) -> a * b);
  }

  private void binary(String entry, int width, DoubleBinaryOperator definition) {
    Rows left = Rows.random(random, ROWS, width, 1);
    Rows right = Rows.random(random, ROWS, width, 1);
    Rows y = Rows.empty(random, ROWS, width);
    try (KernelLab lab = new KernelLab(seed)) {
      long out = lab.upload(y.values());
      lab.launch(
          entry,
          grid(width, ROWS),
          Dim3.of(256),
          lab.upload(left.values()),
          left.stride(),
          lab.upload(right.values()),
          right.stride(),
          out,
          y.stride(),
          width);
      y.with(lab.floats(out, y.values().length))
          .check(
              (row, i) -> definition.applyAsDouble(left.at(row, i), right.at(row, i)),
              FLOAT,
              0,
              what(entry));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 256, 300})
  void scalesAndCaps(int width) {
    float factor = 30 * random.nextFloat() + 0.1f;
    unary("scale", width, factor, x -> x * factor, FLOAT);
    unary("softcap", width, factor, x -> factor * Math.tanh(x / factor), 1e-6);
  }

  private void unary(
      String entry,
      int width,
      float factor,
      java.util.function.DoubleUnaryOperator definition,
      double tolerance) {
    Rows x = magnitudes(width);
    Rows y = Rows.empty(random, ROWS, width);
    try (KernelLab lab = new KernelLab(seed)) {
      long out = lab.upload(y.values());
      lab.launch(
          entry,
          grid(width, ROWS),
          Dim3.of(256),
          lab.upload(x.values()),
          x.stride(),
          factor,
          out,
          y.stride(),
          width);
      y.with(lab.floats(out, y.values().length))
          .check((row, i) -> definition.applyAsDouble(x.at(row, i)), tolerance, 0, what(entry));
    }
  }

  /** Values of every size from 10^-4 to 10^4, and both zeros. */
  private Rows magnitudes(int width) {
    return Rows.of(
        ROWS,
        width,
        width + random.nextInt(5),
        (row, i) -> {
          double sign = random.nextBoolean() ? 1 : -1;
          return sign * (random.nextInt(20) == 0 ? 0 : Math.pow(10, 8 * random.nextDouble() - 4));
        });
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "0, 2", "1, 1", "1, 2", "2, 1", "2, 2"})
  void gatesSeparateAndInterleavedValues(int activation, int step) {
    int width = 200 + random.nextInt(200);
    Rows gate = magnitudes(step * width);
    Rows up = Rows.random(random, ROWS, step * width, 1);
    Rows y = Rows.empty(random, ROWS, width);
    try (KernelLab lab = new KernelLab(seed)) {
      long out = lab.upload(y.values());
      lab.launch(
          "gated",
          grid(width, ROWS),
          Dim3.of(256),
          lab.upload(gate.values()),
          gate.stride(),
          lab.upload(up.values()),
          up.stride(),
          step,
          activation,
          out,
          y.stride(),
          width);
      // Where the gate is far below zero, rounding its exponent's argument costs relative accuracy.
      y.with(lab.floats(out, y.values().length))
          .check(
              (row, i) -> activate(activation, gate.at(row, step * i)) * up.at(row, step * i),
              4e-6,
              1e-9,
              what("activation " + activation + " step " + step));
    }
  }

  private static double activate(int activation, double x) {
    return switch (activation) {
      case 0 -> x / (1 + Math.exp(-x));
      case 1 -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      default -> x > 0 ? x * x : 0;
    };
  }

  @Test
  void gathersRowsAndGivesZerosForPadding() {
    int width = 300;
    Rows x = Rows.random(random, 7, width, 1);
    int[] wanted = {6, -1, 0, 3, 3, -5};
    Rows y = Rows.empty(random, wanted.length, width);
    try (KernelLab lab = new KernelLab(seed)) {
      long out = lab.upload(y.values());
      lab.launch(
          "gather_rows",
          grid(width, wanted.length),
          Dim3.of(256),
          lab.upload(x.values()),
          x.stride(),
          lab.upload(wanted),
          out,
          y.stride(),
          width);
      y.with(lab.floats(out, y.values().length))
          .check((row, i) -> wanted[row] < 0 ? 0 : x.at(wanted[row], i), 0, 0, what("gather_rows"));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 0", "33, 3, 1", "128, 2, 0", "511, 1, 1", "513, 2, 0", "4099, 1, 1"})
  void normsPartsOfRows(int size, int groups, int shared) {
    float epsilon = random.nextBoolean() ? 1e-5f : 0.5f;
    Rows x = Rows.random(random, ROWS, size * groups, Math.pow(10, 4 * random.nextDouble() - 2));
    float[] weight = Rows.random(random, 1, shared == 1 ? size : size * groups, 1).values();
    Rows y = Rows.empty(random, ROWS, size * groups);
    try (KernelLab lab = new KernelLab(seed)) {
      long out = lab.upload(y.values());
      norm(lab, x, weight, shared, epsilon, groups, out, y.stride());
      y.with(lab.floats(out, y.values().length))
          .check(
              (row, i) ->
                  x.at(row, i)
                      * inverseRms(x, row, i / size * size, size, epsilon)
                      * weight[shared == 1 ? i % size : i],
              1e-6,
              1e-30,
              what("rms_norm of " + size));
    }
  }

  @Test
  void normsInPlace() {
    Rows x = Rows.random(random, ROWS, 300, 1);
    float[] weight = Rows.random(random, 1, 300, 1).values();
    try (KernelLab lab = new KernelLab(seed)) {
      long in = lab.upload(x.values());
      lab.launch(
          "rms_norm",
          new Dim3(ROWS, 1, 1),
          Dim3.of(128),
          in,
          x.stride(),
          lab.upload(weight),
          0,
          1e-6f,
          in,
          x.stride(),
          300);
      x.with(lab.floats(in, x.values().length))
          .check(
              (row, i) -> x.at(row, i) * inverseRms(x, row, 0, 300, 1e-6f) * weight[i],
              1e-6,
              0,
              what("rms_norm in place"));
    }
  }

  @Test
  void aNormWithoutItsBarrierIsCaught() {
    try (KernelLab lab = new KernelLab(seed)) {
      lab.replace("pointwise", KernelLab.ptx("pointwise").replace("bar.sync", "// bar.sync"));
      Rows x = Rows.random(random, ROWS, 300, 1);
      long out = lab.upload(x.values());
      assertThrows(
          PtxException.class,
          () -> norm(lab, x, new float[300], 1, 1e-6f, 1, out, x.stride()),
          what(""));
    }
  }

  private static void norm(
      KernelLab lab,
      Rows x,
      float[] weight,
      int shared,
      float epsilon,
      int groups,
      long out,
      int stride) {
    lab.launch(
        "rms_norm",
        new Dim3(x.rows(), groups, 1),
        Dim3.of(128),
        lab.upload(x.values()),
        x.stride(),
        lab.upload(weight),
        shared,
        epsilon,
        out,
        stride,
        x.width() / groups);
  }

  private static double inverseRms(Rows x, int row, int from, int size, float epsilon) {
    double squares = 0;
    for (int i = from; i < from + size; i++) {
      squares += (double) x.at(row, i) * x.at(row, i);
    }
    return 1 / Math.sqrt(squares / size + epsilon);
  }
}
