package org.slmruntime.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.testing.TinyLlama;

/** The rotary tables that metadata make, against frequencies worked out by hand. */
class RopeScalingTest {
  @TempDir Path folder;

  /** Base 10000 over heads of 8. */
  private static final double[] PLAIN = {1, 0.1, 0.01, 0.001};

  private RotaryTable table(TinyLlama llama) {
    try (GgufFile file = GgufFile.open(llama.write(folder))) {
      return Models.build(file).graph().nodes().stream()
          .filter(node -> node.op() instanceof Op.Rope)
          .map(node -> ((Op.Rope) node.op()).table())
          .findFirst()
          .orElseThrow();
    }
  }

  private static TinyLlama scaled(String type, double factor) {
    return new TinyLlama(1)
        .put("llama.rope.scaling.type", type)
        .put("llama.rope.scaling.factor", factor);
  }

  @Test
  void fallsGeometricallyFromOne() {
    RotaryTable table = table(new TinyLlama(1));
    assertArrayEquals(PLAIN, table.frequencies(), 1e-12);
    assertEquals(1, table.magnitude());
    assertEquals(RotaryTable.Pairing.ADJACENT, table.pairing());
    double[] steeper = table(new TinyLlama(1).put("llama.rope.freq_base", 160000.0)).frequencies();
    assertArrayEquals(new double[] {1, 0.05, 0.0025, 0.000125}, steeper, 1e-12);
  }

  @Test
  void dividesEveryFrequencyByALinearFactor() {
    double[] wanted = {0.25, 0.025, 0.0025, 0.00025};
    assertArrayEquals(wanted, table(scaled("linear", 4)).frequencies(), 1e-12);
    assertArrayEquals(PLAIN, table(scaled("none", 4)).frequencies(), 1e-12);
    TinyLlama old = new TinyLlama(1).put("llama.rope.scale_linear", 4.0);
    assertArrayEquals(wanted, table(old).frequencies(), 1e-12);
  }

  @Test
  void dividesEachFrequencyByItsDivisor() {
    // The tensor's values are near 1, as a norm's.
    double[] frequencies = table(new TinyLlama(1).tensor("rope_freqs.weight", 4)).frequencies();
    for (int i = 0; i < 4; i++) {
      double divisor = PLAIN[i] / frequencies[i];
      assertEquals(1, divisor, 0.5);
      assertEquals((float) divisor, divisor, 1e-9, "no 32-bit divisor: " + divisor);
      assertEquals(true, divisor != 1);
    }
  }

  @Test
  void keepsFastPairsAndInterpolatesSlowOnesByYarn() {
    // Over 2048 tokens pair 0 turns 326 times, 1 turns 33, 2 turns 3.3 and 3 turns a third: the
    // ramp goes from pair 1 (32 turns) to pair 3 (1 turn), so pair 2 is half-way.
    TinyLlama llama = scaled("yarn", 4).put("llama.rope.scaling.original_context_length", 2048);
    RotaryTable table = table(llama);
    double[] wanted = {1, 0.1, 0.01 * 0.5 + 0.0025 * 0.5, 0.00025};
    assertArrayEquals(wanted, table.frequencies(), 1e-12);
    assertEquals(1 + 0.1 * Math.log(4), table.magnitude(), 1e-12);
  }
}
