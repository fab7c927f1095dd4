package org.slmruntime.kernels;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads single weights from packed planes, as the kernels' README describes them. */
final class PlaneReader {
  private static final int[] TABLE = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private final MatrixLayout layout;
  private final ByteBuffer bytes;

  PlaneReader(MatrixLayout layout, byte[] packed) {
    this.layout = layout;
    bytes = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
  }

  float weight(int row, int k) {
    return switch (layout.type()) {
      case F32 -> bytes.getFloat(at(0, row, 4 * k));
      case F16 -> half(0, row, k);
      case BF16 -> Float.intBitsToFloat(bytes.getShort(at(0, row, 2 * k)) << 16);
      case Q8_0 -> half(1, row, k / 32) * bytes.get(at(0, row, k));
      case Q4_0 -> half(1, row, k / 32) * (nibble(row, k) - 8);
      case Q4_1 -> half(1, row, k / 32 * 2) * nibble(row, k) + half(1, row, k / 32 * 2 + 1);
      case Q5_0 -> half(2, row, k / 32) * (nibble(row, k) + 16 * bit(1, row, k) - 16);
      case Q5_1 ->
          half(2, row, k / 32 * 2) * (nibble(row, k) + 16 * bit(1, row, k))
              + half(2, row, k / 32 * 2 + 1);
      case IQ4_NL -> half(1, row, k / 32) * TABLE[nibble(row, k)];
      case IQ4_XS -> half(2, row, k / 256) * bytes.get(at(1, row, k / 32)) * TABLE[nibble(row, k)];
      case Q2_K -> {
        int pair = u8(1, row, k / 16);
        float minimum = half(2, row, k / 256 * 2 + 1) * (pair >> 4);
        yield half(2, row, k / 256 * 2) * (pair & 15) * crumb(0, row, k) - minimum;
      }
      case Q3_K -> {
        int code = crumb(0, row, k) + 4 * bit(1, row, k) - 4;
        yield half(3, row, k / 256) * bytes.get(at(2, row, k / 16)) * code;
      }
      case Q4_K -> affine(row, k, 1, nibble(row, k));
      case Q5_K -> affine(row, k, 2, nibble(row, k) + 16 * bit(1, row, k));
      case Q6_K -> {
        int code = nibble(row, k) + 16 * crumb(1, row, k) - 32;
        yield half(3, row, k / 256) * bytes.get(at(2, row, k / 16)) * code;
      }
      default -> throw new IllegalArgumentException("" + layout);
    };
  }

  private float affine(int row, int k, int plane, int code) {
    float scale = half(plane + 1, row, k / 256 * 2) * u8(plane, row, k / 32 * 2);
    return scale * code - half(plane + 1, row, k / 256 * 2 + 1) * u8(plane, row, k / 32 * 2 + 1);
  }

  private int at(int plane, int row, int offset) {
    return Math.toIntExact(layout.offset(plane) + (long) row * layout.pitch(plane) + offset);
  }

  private int u8(int plane, int row, int index) {
    return bytes.get(at(plane, row, index)) & 255;
  }

  private float half(int plane, int row, int index) {
    return Float.float16ToFloat(bytes.getShort(at(plane, row, 2 * index)));
  }

  private int nibble(int row, int k) {
    int word = k % 32 / 8;
    int both = u8(0, row, k / 32 * 16 + 4 * word + k % 4);
    return k % 8 < 4 ? both & 15 : both >> 4;
  }

  private int bit(int plane, int row, int k) {
    int word = bytes.getInt(at(plane, row, k / 32 * 4));
    return word >>> 8 * (k % 4) + k % 32 / 4 & 1;
  }

  private int crumb(int plane, int row, int k) {
    int word = bytes.getInt(at(plane, row, k / 16 * 4));
    return word >>> 8 * (k % 4) + 2 * (k % 16 / 4) & 3;
  }
}
