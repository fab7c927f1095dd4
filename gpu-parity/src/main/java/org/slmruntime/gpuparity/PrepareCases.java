package org.slmruntime.gpuparity;

import java.util.List;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.gpuparity.KernelCase.Output;

/** Activations made ready for products by a library. */
final class PrepareCases {
  private static final int TOKENS = 5;
  private static final int COLUMNS = 352;

  private PrepareCases() {}

  static List<KernelCase> all() {
    return List.of(rounded(), plain());
  }

  private static KernelCase rounded() {
    return new KernelCase(
        "prepare_bf16",
        TOKENS + " x " + COLUMNS,
        (lab, random) -> {
          long x = LinearCases.activations(lab, TOKENS, COLUMNS, random);
          long out = lab.zeros(2L * TOKENS * COLUMNS);
          lab.launch(
              "prepare_bf16",
              Grid.of(TOKENS, 256),
              a -> a.set("x", x).set("x_stride", COLUMNS).set("out", out).set("columns", COLUMNS));
          return List.of(Output.exact("out", lab.read(out, 2L * TOKENS * COLUMNS)));
        });
  }

  private static KernelCase plain() {
    return new KernelCase(
        "prepare_f32",
        TOKENS + " x " + COLUMNS + ", norm",
        (lab, random) -> {
          long x = LinearCases.activations(lab, TOKENS, COLUMNS, random);
          long norm = lab.upload(Draws.norm(COLUMNS, random));
          long out = lab.zeros(4L * TOKENS * COLUMNS);
          lab.launch(
              "prepare_f32",
              Grid.of(TOKENS, 256),
              a ->
                  a.set("x", x)
                      .set("x_stride", COLUMNS)
                      .set("norm", norm)
                      .set("epsilon", 1e-5f)
                      .set("out", out)
                      .set("columns", COLUMNS));
          return List.of(Output.close("out", lab.read(out, 4L * TOKENS * COLUMNS)));
        });
  }
}
