package org.slmruntime.cpu.vector;

/** The sixteen levels that the codes of IQ4_NL and IQ4_XS are the numbers of. */
public final class Levels {
  private static final byte[] VALUES = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private Levels() {}

  /**
   * A table to look them up from, repeated: whatever is above a byte's low four bits does not
   * matter then.
   *
   * @param length a multiple of 16
   * @param bias to be added to each
   */
  public static byte[] table(int length, int bias) {
    byte[] table = new byte[length];
    for (int i = 0; i < length; i++) {
      table[i] = (byte) (VALUES[i % VALUES.length] + bias);
    }
    return table;
  }
}
