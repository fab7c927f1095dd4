package org.slmruntime.gpuparity;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.gpuparity.KernelCase.Output;
import org.slmruntime.tensor.DType;

/** Products with a matrix, and reading its rows. */
final class LinearCases {
  static final List<DType> QUANTIZED =
      List.of(
          DType.Q8_0,
          DType.Q4_0,
          DType.Q4_1,
          DType.Q5_0,
          DType.Q5_1,
          DType.IQ4_NL,
          DType.IQ4_XS,
          DType.Q2_K,
          DType.Q3_K,
          DType.Q4_K,
          DType.Q5_K,
          DType.Q6_K);
  static final List<DType> PLAIN = List.of(DType.F32, DType.F16, DType.BF16);

  /** Float sums whose order is fixed; approximate functions may differ in the last bits. */
  private static final double CLOSE = 2e-6;

  /** Tensor cores add in an order of their own. */
  private static final double TENSOR = 1e-5;

  private static final int COLUMNS = 768;
  private static final int ROWS = 70;

  private LinearCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (DType type : QUANTIZED) {
      addCommon(cases, type);
      cases.add(gemm(type, "", Tiles.LARGE, CLOSE));
      cases.add(gemm(type, "_few", Tiles.SMALL, CLOSE));
    }
    for (DType type : PLAIN) {
      addCommon(cases, type);
      cases.add(gemm(type, "", Tiles.LARGE, type == DType.F32 ? CLOSE : TENSOR));
      if (type != DType.F32) {
        cases.add(gemm(type, "_few", Tiles.SMALL, TENSOR));
      }
    }
    return cases;
  }

  private static void addCommon(List<KernelCase> cases, DType type) {
    cases.add(gemv(type, 1, 1, -1));
    cases.add(gemv(type, 2, 2, -1));
    cases.add(gemv(type, 4, 3, 0));
    cases.add(gemv(type, 8, 7, 1));
    cases.add(embed(type));
    cases.add(dequantize(type));
  }

  static String suffix(DType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /** Norm, bias, and either an activation of pairs of rows or a residual. */
  private static KernelCase gemv(DType type, int width, int tokens, int activation) {
    int outputs = activation < 0 ? ROWS : ROWS / 2;
    return new KernelCase(
        "gemv_" + suffix(type) + "_" + width,
        ROWS + " x " + COLUMNS + ", " + tokens + " tokens, activation " + activation,
        (lab, random) -> {
          DeviceMatrix matrix = DeviceMatrix.random(lab, type, ROWS, COLUMNS, random);
          long x = lab.upload(Draws.normal(tokens * COLUMNS, 1, random));
          long norm = lab.upload(Draws.norm(COLUMNS, random));
          long bias = lab.upload(Draws.normal(ROWS, 1, random));
          long residual = lab.upload(Draws.normal(tokens * outputs, 1, random));
          long y = lab.zeros(4L * tokens * outputs);
          lab.launch(
              "gemv_" + suffix(type) + "_" + width,
              Grid.of(5, 256),
              a ->
                  sizes(matrix.into(a, "weights"), y, outputs, tokens)
                      .set("x", x)
                      .set("x_stride", COLUMNS)
                      .set("norm", norm)
                      .set("epsilon", 1e-5f)
                      .set("bias", bias)
                      .set("activation", activation)
                      .set("residual", residual)
                      .set("residual_stride", outputs));
          return List.of(new Output("y", lab.read(y, 4L * tokens * outputs), CLOSE));
        });
  }

  private static KernelArguments sizes(KernelArguments a, long y, int stride, int tokens) {
    return a.set("y", y)
        .set("y_stride", stride)
        .set("rows", ROWS)
        .set("columns", COLUMNS)
        .set("tokens", tokens);
  }

  /** The product of many tokens, its activations prepared by the kernel for it. */
  private static KernelCase gemm(DType type, String kind, Tiles tiles, double tolerance) {
    String entry = "gemm_" + suffix(type) + kind;
    int tokens = 18;
    return new KernelCase(
        entry,
        ROWS + " x " + COLUMNS + ", " + tokens + " tokens",
        (lab, random) -> {
          DeviceMatrix matrix = DeviceMatrix.random(lab, type, ROWS, COLUMNS, random);
          Prepared prepared = Prepared.make(lab, type, tokens, COLUMNS, random);
          long residual = lab.upload(Draws.normal(tokens * ROWS, 1, random));
          long bias = lab.upload(Draws.normal(ROWS, 1, random));
          long y = lab.zeros(4L * tokens * ROWS);
          lab.launch(
              entry,
              tiles.grid(ROWS, tokens),
              a ->
                  sizes(prepared.into(matrix.into(a, "weights")), y, ROWS, tokens)
                      .set("bias", bias)
                      .set("residual", residual)
                      .set("residual_stride", ROWS));
          List<Output> outputs = new ArrayList<>(prepared.outputs(lab));
          outputs.add(new Output("y", lab.read(y, 4L * tokens * ROWS), tolerance));
          return outputs;
        });
  }

  private static KernelCase embed(DType type) {
    int[] tokens = {3, 0, ROWS - 1, 3};
    return new KernelCase(
        "embed_" + suffix(type),
        tokens.length + " rows of " + COLUMNS,
        (lab, random) -> {
          DeviceMatrix table = DeviceMatrix.random(lab, type, ROWS, COLUMNS, random);
          long y = lab.zeros(4L * tokens.length * COLUMNS);
          long ids = lab.upload(tokens);
          lab.launch(
              "embed_" + suffix(type),
              Grid.of(tokens.length, 128),
              a ->
                  table
                      .into(a, "table")
                      .set("tokens", ids)
                      .set("y", y)
                      .set("y_stride", COLUMNS)
                      .set("columns", COLUMNS));
          return List.of(Output.exact("y", lab.read(y, 4L * tokens.length * COLUMNS)));
        });
  }

  private static KernelCase dequantize(DType type) {
    int first = 5;
    int count = 9;
    return new KernelCase(
        "dequantize_" + suffix(type),
        count + " rows of " + COLUMNS,
        (lab, random) -> {
          DeviceMatrix matrix = DeviceMatrix.random(lab, type, ROWS, COLUMNS, random);
          long out = lab.zeros(2L * count * COLUMNS);
          lab.launch(
              "dequantize_" + suffix(type),
              Grid.of(count, 128),
              a ->
                  matrix
                      .into(a, "weights")
                      .set("first", first)
                      .set("out", out)
                      .set("columns", COLUMNS));
          return List.of(Output.exact("out", lab.read(out, 2L * count * COLUMNS)));
        });
  }

  /** Random rows of unit variance. */
  static long activations(Lab lab, int tokens, int columns, RandomGenerator random) {
    return lab.upload(Draws.normal(tokens * columns, 1, random));
  }
}
