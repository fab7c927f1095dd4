package org.slmruntime.kernels;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/** The cache's types, and how rows lie in chunks: written from the README, not from the kernels. */
enum DeviceCache {
  F32,
  F16,
  Q8_0;

  private static final byte UNTOUCHED = 0x5a;
  private static final int BLOCK_BYTES = 34;

  String suffix() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static int roundUp(int n, int multiple) {
    return Math.ceilDiv(n, multiple) * multiple;
  }

  private int chunkBytes(int blockTokens, int size) {
    return switch (this) {
      case F32 -> blockTokens * roundUp(4 * size, 16);
      case F16 -> blockTokens * roundUp(2 * size, 16);
      case Q8_0 -> roundUp(blockTokens * roundUp(size, 32) / 32 * BLOCK_BYTES, 16);
    };
  }

  /** Chunks that nobody has appended to. */
  byte[] fresh(int chunks, int blockTokens, int size) {
    byte[] bytes = new byte[chunks * chunkBytes(blockTokens, size)];
    Arrays.fill(bytes, UNTOUCHED);
    return bytes;
  }

  /** Stores one head's row with its padding. */
  void put(byte[] chunks, int chunk, int row, int blockTokens, float[] x) {
    ByteBuffer bytes = ByteBuffer.wrap(chunks).order(ByteOrder.LITTLE_ENDIAN);
    int start = chunk * chunkBytes(blockTokens, x.length);
    switch (this) {
      case F32 -> {
        float[] padded = Arrays.copyOf(x, roundUp(x.length, 4));
        bytes.position(start + row * 4 * padded.length);
        for (float value : padded) {
          bytes.putFloat(value);
        }
      }
      case F16 -> {
        float[] padded = Arrays.copyOf(x, roundUp(x.length, 8));
        bytes.position(start + row * 2 * padded.length);
        for (float value : padded) {
          bytes.putShort(Float.floatToFloat16(value));
        }
      }
      case Q8_0 -> putBlocks(bytes, start, row, blockTokens, x);
    }
  }

  private static void putBlocks(ByteBuffer bytes, int start, int row, int blockTokens, float[] x) {
    float[] padded = Arrays.copyOf(x, roundUp(x.length, 32));
    int groups = padded.length / 32;
    byte[] encoded = new byte[groups * BLOCK_BYTES];
    QuantFormats.encoder(DType.Q8_0)
        .orElseThrow()
        .encode(padded, 0, padded.length, MemorySegment.ofArray(encoded), 0);
    int codes = start + row * padded.length;
    int scales = start + blockTokens * padded.length + row * groups * 2;
    for (int group = 0; group < groups; group++) {
      int block = group * BLOCK_BYTES;
      bytes.put(scales + 2 * group, encoded, block, 2);
      bytes.put(codes + 32 * group, encoded, block + 2, 32);
    }
  }
}
