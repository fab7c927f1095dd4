package org.slmruntime.cpu.matmul;

import org.slmruntime.tensor.DType;

/**
 * Stored rows read the plain way: signed codes, and what makes weights of them, {@code scale * code
 * + offset}.
 */
record StoredCodes(DType type, byte[] bytes) {
  private static final byte[] LEVELS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  int code(long index) {
    int at = block(index);
    int i = (int) (index % type.blockElements());
    int half = i / 128;
    int plane = i % 128 / 32;
    int lane = i % 32;
    int nibble = i % 32 % 16;
    int high = i % 32 / 16;
    return switch (type) {
      case Q3_K ->
          bits(at + 32 + 32 * half + lane, 2 * plane, 2) + 4 * bits(at + lane, i / 32, 1) - 4;
      case Q4_0 -> bits(at + 2 + nibble, 4 * high, 4) - 8;
      case Q4_1 -> bits(at + 4 + nibble, 4 * high, 4) - 8;
      case Q5_0 -> bits(at + 6 + nibble, 4 * high, 4) + 16 * bits(at + 2 + i / 8, i % 8, 1) - 16;
      case Q5_1 -> bits(at + 8 + nibble, 4 * high, 4) + 16 * bits(at + 4 + i / 8, i % 8, 1) - 16;
      case Q4_K -> bits(at + 16 + i / 64 * 32 + lane, i / 32 % 2 * 4, 4) - 8;
      case Q5_K ->
          bits(at + 48 + i / 64 * 32 + lane, i / 32 % 2 * 4, 4)
              + 16 * bits(at + 16 + lane, i / 32, 1)
              - 16;
      case Q6_K ->
          bits(at + 64 * half + 32 * (plane % 2) + lane, plane / 2 * 4, 4)
              + 16 * bits(at + 128 + 32 * half + lane, 2 * plane, 2)
              - 32;
      case Q8_0 -> bytes[at + 2 + i];
      case IQ4_NL -> LEVELS[bits(at + 2 + nibble, 4 * high, 4)];
      case IQ4_XS -> LEVELS[bits(at + 8 + i / 32 * 16 + nibble, 4 * high, 4)];
      default -> throw new AssertionError(type);
    };
  }

  float scale(long index) {
    int at = block(index);
    int group = (int) (index % type.blockElements()) / 32;
    return switch (type) {
      case Q4_K, Q5_K -> half(at) * six(at + 4, group, 0);
      case IQ4_XS ->
          half(at)
              * (bits(at + 4 + group / 2, group % 2 * 4, 4)
                  + 16 * bits(at + 2 + group / 4, group % 4 * 2, 2)
                  - 32);
      case Q3_K -> half(at + 108) * q3Scale(at + 96, (int) (index % 256) / 16);
      case Q6_K -> half(at + 208) * bytes[at + 192 + (int) (index % 256) / 16];
      default -> half(at);
    };
  }

  float offset(long index) {
    int at = block(index);
    int group = (int) (index % type.blockElements()) / 32;
    return switch (type) {
      case Q4_1 -> half(at + 2) + 8 * scale(index);
      case Q5_1 -> half(at + 2) + 16 * scale(index);
      case Q4_K -> 8 * scale(index) - half(at + 2) * six(at + 4, group, 1);
      case Q5_K -> 16 * scale(index) - half(at + 2) * six(at + 4, group, 1);
      default -> 0;
    };
  }

  boolean hasOffsets() {
    return type == DType.Q4_1 || type == DType.Q5_1 || type == DType.Q4_K || type == DType.Q5_K;
  }

  /** Columns that share a scale. */
  int group() {
    return type == DType.Q6_K || type == DType.Q3_K ? 16 : 32;
  }

  /** Six-bit scales, then as many minimums: low bits of the first four, the others spread. */
  private int six(int at, int group, int which) {
    return group < 4
        ? bits(at + 4 * which + group, 0, 6)
        : bits(at + 4 + group, 4 * which, 4) + 16 * bits(at + 4 * which + group - 4, 6, 2);
  }

  /** Low bits of all sixteen, two to a byte, then the high ones, four to a byte. */
  private int q3Scale(int at, int group) {
    return bits(at + group % 8, group / 8 * 4, 4)
        + 16 * bits(at + 8 + group % 4, group / 4 * 2, 2)
        - 32;
  }

  private int block(long index) {
    return (int) type.byteSize(index / type.blockElements() * type.blockElements());
  }

  private int bits(int at, int shift, int count) {
    return (bytes[at] & 255) >> shift & (1 << count) - 1;
  }

  private float half(int at) {
    return Float.float16ToFloat((short) (bytes[at] & 255 | bytes[at + 1] << 8));
  }

  /** Makes every half-precision number finite. */
  void tame() {
    int size = (int) type.byteSize(type.blockElements());
    for (int at = 0; at < bytes.length; at += size) {
      for (int half : halves()) {
        bytes[at + half + 1] &= (byte) 0xbf;
      }
    }
  }

  private int[] halves() {
    return switch (type) {
      case Q4_0, Q5_0, Q8_0, IQ4_NL, IQ4_XS -> new int[] {0};
      case Q3_K -> new int[] {108};
      case Q6_K -> new int[] {208};
      default -> new int[] {0, 2};
    };
  }
}
