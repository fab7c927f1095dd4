package org.slmruntime.cpu.packed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.packed.file.PackedKey;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

class PackedIdentityTest {
  private static final Weight WEIGHT = Weight.matrix("w", 2, 32);
  private static final Map<Weight, PackedFormat> FORMATS = Map.of(WEIGHT, PackedFormat.Q4_0);

  private final byte[] bytes = new byte[2 * 18];

  /** Two rows of a file with this identity. */
  private record Rows(byte[] bytes, Optional<String> identity) implements Weights {
    @Override
    public Stored get(Weight weight) {
      return new Stored(DType.Q4_0, MemorySegment.ofArray(bytes));
    }
  }

  @Test
  void namesTheLayoutTheWidthTheFileAndTheWeights() {
    String text = key("model.gguf").text();
    String start =
        "layout " + PackedIdentity.LAYOUT + ", panels of " + Panels.PANEL + " rows\nmodel.gguf\n";
    assertTrue(text.startsWith(start + WEIGHT + " Q4_0 "), text);
  }

  @Test
  void isAnotherForAnotherFileAndForOtherContents() {
    PackedKey key = key("a");
    assertEquals(key, key("a"));
    assertNotEquals(key, key("b"));
    for (int at : new int[] {0, bytes.length - 1}) {
      bytes[at]++;
      assertNotEquals(key, key("a"), "byte " + at);
      bytes[at]--;
    }
  }

  @Test
  void isNoneForWeightsFromNowhere() {
    Weights weights = new Rows(bytes, Optional.empty());
    assertEquals(Optional.empty(), PackedIdentity.of(FORMATS, weights, 100));
  }

  private PackedKey key(String identity) {
    Weights weights = new Rows(bytes, Optional.of(identity));
    return PackedIdentity.of(FORMATS, weights, 100).orElseThrow();
  }
}
