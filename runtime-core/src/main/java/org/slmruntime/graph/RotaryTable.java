package org.slmruntime.graph;

import java.util.Arrays;

/**
 * Rotary position embedding (Su et al., 2021) of one kind. Linear scaling, YaRN, Llama 3 frequency
 * factors and LongRoPE all reduce to one angular frequency per rotated pair and one magnitude:
 * element pair {@code i} at position {@code p} turns by {@code p * frequencies[i]} and is scaled by
 * {@code magnitude}. Elements past {@code 2 * frequencies.length} of a head pass through.
 *
 * @param pairing which two elements form pair i
 * @param frequencies radians per position, one per pair; not to be written
 */
public record RotaryTable(Pairing pairing, double[] frequencies, double magnitude) {
  /** Which elements of a head rotate together. */
  public enum Pairing {
    /** (2i, 2i+1), the "NORM" of llama.cpp. */
    ADJACENT,
    /** (i, i + n/2), the "NEOX" of llama.cpp. */
    HALVES
  }

  /** How many leading elements of a head rotate. */
  public int rotatedSize() {
    return 2 * frequencies.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RotaryTable t
        && pairing == t.pairing
        && magnitude == t.magnitude
        && Arrays.equals(frequencies, t.frequencies);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(frequencies);
  }

  @Override
  public String toString() {
    return "rotary(" + pairing + ", " + rotatedSize() + ", x" + magnitude + ")";
  }
}
