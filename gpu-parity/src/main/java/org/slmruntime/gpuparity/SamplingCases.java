package org.slmruntime.gpuparity;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.random.RandomGenerator;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.gpuparity.KernelCase.Output;

/** Choosing tokens. */
final class SamplingCases {
  private static final int ROWS = 4;
  private static final int VOCABULARY = 5003;

  private SamplingCases() {}

  static List<KernelCase> all() {
    return List.of(
        argmax(),
        sample("temperature alone", 0.8f, 1, 0, 0),
        sample("top-k 40, top-p 0.95, min-p 0.05", 0.8f, 0.95f, 0.05f, 40),
        sample("greedy", 0, 1, 0, 0));
  }

  private static KernelCase argmax() {
    return new KernelCase(
        "argmax",
        ROWS + " x " + VOCABULARY,
        (lab, random) -> {
          long logits = logits(lab, random);
          long ids = lab.zeros(4L * ROWS);
          lab.launch(
              "argmax",
              Grid.of(ROWS, 1024),
              a ->
                  a.set("logits", logits)
                      .set("logits_stride", VOCABULARY)
                      .set("vocabulary", VOCABULARY)
                      .set("ids", ids));
          return List.of(Output.exact("ids", lab.read(ids, 4L * ROWS)));
        });
  }

  private static KernelCase sample(
      String how, float temperature, float topP, float minP, int topK) {
    return new KernelCase(
        "sample",
        ROWS + " x " + VOCABULARY + ", " + how,
        (lab, random) -> {
          long logits = logits(lab, random);
          long settings = lab.upload(settings(ROWS, temperature, topP, minP, topK, random));
          long workspace = lab.allocate(8L * ROWS * VOCABULARY);
          long ids = lab.zeros(4L * ROWS);
          lab.launch(
              "sample",
              Grid.of(ROWS, 1024),
              a ->
                  a.set("logits", logits)
                      .set("logits_stride", VOCABULARY)
                      .set("vocabulary", VOCABULARY)
                      .set("settings", settings)
                      .set("workspace", workspace)
                      .set("ids", ids));
          return List.of(Output.exact("ids", lab.read(ids, 4L * ROWS)));
        });
  }

  private static long logits(Lab lab, RandomGenerator random) {
    return lab.upload(Draws.normal(ROWS * VOCABULARY, 3, random));
  }

  /** 32 bytes a row: four floats, an int and padding. */
  static byte[] settings(
      int rows, float temperature, float topP, float minP, int topK, RandomGenerator random) {
    ByteBuffer all = ByteBuffer.allocate(32 * rows).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < rows; row++) {
      all.position(32 * row);
      all.putFloat(temperature).putFloat(topP).putFloat(minP).putFloat(random.nextFloat());
      all.putInt(topK);
    }
    return all.array();
  }
}
