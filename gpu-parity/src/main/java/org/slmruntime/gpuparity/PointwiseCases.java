package org.slmruntime.gpuparity;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.gpuparity.KernelCase.Output;

/** Norms, sums, activations and gathered rows. */
final class PointwiseCases {
  private static final int ROWS = 3;
  private static final int WIDTH = 300;

  private PointwiseCases() {}

  static List<KernelCase> all() {
    return Stream.of(
            norm(1, 1),
            norm(3, 1),
            norm(3, 0),
            pair("add"),
            pair("mul"),
            factor("scale", 0.3f),
            factor("softcap", 15),
            gated(0),
            gated(1),
            gated(2),
            gather())
        .toList();
  }

  private static KernelCase norm(int groups, int shared) {
    int size = WIDTH / groups;
    return new KernelCase(
        "rms_norm",
        ROWS + " x " + groups + " x " + size + ", shared " + shared,
        (lab, random) -> {
          long x = LinearCases.activations(lab, ROWS, WIDTH, random);
          long weight = lab.upload(Draws.norm(WIDTH, random));
          return launch(
              lab,
              "rms_norm",
              Grid.of(ROWS, groups, 1, 128),
              a ->
                  a.set("x", x)
                      .set("x_stride", WIDTH)
                      .set("weight", weight)
                      .set("shared", shared)
                      .set("epsilon", 1e-5f)
                      .set("size", size));
        });
  }

  private static KernelCase pair(String kernel) {
    return new KernelCase(
        kernel,
        ROWS + " x " + WIDTH,
        (lab, random) -> {
          long left = LinearCases.activations(lab, ROWS, WIDTH, random);
          long right = LinearCases.activations(lab, ROWS, WIDTH, random);
          return launch(
              lab,
              kernel,
              wide(),
              a ->
                  a.set("left", left)
                      .set("left_stride", WIDTH)
                      .set("right", right)
                      .set("right_stride", WIDTH)
                      .set("width", WIDTH));
        });
  }

  private static KernelCase factor(String kernel, float factor) {
    return new KernelCase(
        kernel,
        ROWS + " x " + WIDTH,
        (lab, random) -> {
          long x = lab.upload(Draws.normal(ROWS * WIDTH, 10, random));
          return launch(
              lab,
              kernel,
              wide(),
              a -> a.set("x", x).set("x_stride", WIDTH).set("factor", factor).set("width", WIDTH));
        });
  }

  private static KernelCase gated(int activation) {
    return new KernelCase(
        "gated",
        ROWS + " x " + WIDTH + ", activation " + activation,
        (lab, random) -> {
          long pairs = lab.upload(Draws.normal(2 * ROWS * WIDTH, 3, random));
          return launch(
              lab,
              "gated",
              wide(),
              a ->
                  a.set("gate", pairs)
                      .set("gate_stride", 2 * WIDTH)
                      .set("up", pairs + 4)
                      .set("up_stride", 2 * WIDTH)
                      .set("step", 2)
                      .set("activation", activation)
                      .set("width", WIDTH));
        });
  }

  private static KernelCase gather() {
    int[] rows = {1, -1, 0};
    return new KernelCase(
        "gather_rows",
        rows.length + " x " + WIDTH + ", one of padding",
        (lab, random) -> {
          long x = LinearCases.activations(lab, ROWS, WIDTH, random);
          long ids = lab.upload(rows);
          return launch(
              lab,
              "gather_rows",
              wide(),
              a -> a.set("x", x).set("x_stride", WIDTH).set("rows", ids).set("width", WIDTH));
        });
  }

  private static Grid wide() {
    return Grid.of(Math.ceilDiv(WIDTH, 256), ROWS, 1, 256);
  }

  private static List<Output> launch(
      Lab lab, String kernel, Grid grid, UnaryOperator<KernelArguments> arguments) {
    long y = lab.zeros(4L * ROWS * WIDTH);
    lab.launch(kernel, grid, a -> arguments.apply(a).set("y", y).set("y_stride", WIDTH));
    return List.of(Output.close("y", lab.read(y, 4L * ROWS * WIDTH)));
  }
}
