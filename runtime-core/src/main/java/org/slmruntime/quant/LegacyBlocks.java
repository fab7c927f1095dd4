package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;

/**
 * What the 32-element formats of 4 and 5 bits share: element j is a low nibble, element j + 16 the
 * high nibble of the same byte, fifth bits are apart.
 */
final class LegacyBlocks {
  static final int BLOCK = 32;
  static final int HALF = 16;

  private LegacyBlocks() {}

  static int low(MemorySegment s, long nibbles, int j) {
    return Bytes.u8(s, nibbles + j) & 15;
  }

  static int high(MemorySegment s, long nibbles, int j) {
    return Bytes.u8(s, nibbles + j) >> 4;
  }

  /** Moves bit {@code index} of {@code word} to the value 16. */
  static int fifth(int word, int index) {
    return (word >>> index & 1) << 4;
  }

  static float largestMagnitude(float[] x, int from) {
    return Math.abs(extreme(x, from));
  }

  /** The element of largest magnitude, with its sign; the first of equals. */
  static float extreme(float[] x, int from) {
    float extreme = 0;
    for (int j = from; j < from + BLOCK; j++) {
      if (Math.abs(x[j]) > Math.abs(extreme)) {
        extreme = x[j];
      }
    }
    return extreme;
  }

  static float min(float[] x, int from) {
    float min = x[from];
    for (int j = from + 1; j < from + BLOCK; j++) {
      min = Math.min(min, x[j]);
    }
    return min;
  }

  static float max(float[] x, int from) {
    float max = x[from];
    for (int j = from + 1; j < from + BLOCK; j++) {
      max = Math.max(max, x[j]);
    }
    return max;
  }

  /** Writes 32 codes of up to 5 bits: nibbles, and the fifth bits as the returned word. */
  static int putCodes(
      MemorySegment target,
      long nibbles,
      float[] x,
      int from,
      float inverse,
      float shift,
      float minimum,
      int largest) {
    int word = 0;
    for (int j = 0; j < HALF; j++) {
      int low = code(x[from + j], inverse, shift, minimum, largest);
      int high = code(x[from + j + HALF], inverse, shift, minimum, largest);
      Bytes.putU8(target, nibbles + j, low & 15 | (high & 15) << 4);
      word |= (low >> 4) << j | (high >> 4) << j + HALF;
    }
    return word;
  }

  private static int code(float x, float inverse, float shift, float minimum, int largest) {
    return Math.min(largest, (int) ((x - minimum) * inverse + shift));
  }
}
