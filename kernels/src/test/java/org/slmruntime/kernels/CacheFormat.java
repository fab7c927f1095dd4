package org.slmruntime.kernels;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/** How the device's cache stores a row of one head: written from the README, not from kernels. */
enum CacheFormat {
  F32,
  F16,
  Q8_0;

  private static final int GROUP = 32;
  private static final int BLOCK_BYTES = 34;

  /** The format's part of kernel names. */
  String suffix() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Bytes from one row of a chunk to the next, the scales of q8_0 left out. */
  int rowBytes(int size) {
    return switch (this) {
      case F32 -> roundUp(4 * size, 16);
      case F16 -> roundUp(2 * size, 16);
      case Q8_0 -> roundUp(size, GROUP);
    };
  }

  int scaleBytes(int size) {
    return this == Q8_0 ? 2 * Math.ceilDiv(size, GROUP) : 0;
  }

  int chunkBytes(int size, int blockTokens) {
    return roundUp(blockTokens * (rowBytes(size) + scaleBytes(size)), 16);
  }

  /** Where a row begins in its chunk, the scales of q8_0 left out. */
  int rowAt(int row, int size) {
    return row * rowBytes(size);
  }

  /** Where a row's scales begin in its chunk. */
  int scalesAt(int row, int size, int blockTokens) {
    return blockTokens * rowBytes(size) + row * scaleBytes(size);
  }

  /** A row as it is stored, padding included, without its scales. */
  byte[] row(float[] values) {
    ByteBuffer row = little(rowBytes(values.length));
    switch (this) {
      case F32 -> row.asFloatBuffer().put(values);
      case F16 -> {
        for (float value : values) {
          row.putShort(Float.floatToFloat16(value));
        }
      }
      case Q8_0 -> {
        byte[] blocks = blocks(values);
        for (int block = 0; block < blocks.length; block += BLOCK_BYTES) {
          row.put(blocks, block + 2, GROUP);
        }
      }
    }
    return row.array();
  }

  /** The scales that are stored for a row. */
  byte[] scales(float[] values) {
    ByteBuffer scales = little(scaleBytes(values.length));
    if (this == Q8_0) {
      byte[] blocks = blocks(values);
      for (int block = 0; block < blocks.length; block += BLOCK_BYTES) {
        scales.put(blocks, block, 2);
      }
    }
    return scales.array();
  }

  /** What the cache makes of a row's values. */
  float[] round(float[] values) {
    ByteBuffer row = ByteBuffer.wrap(row(values)).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer scales = ByteBuffer.wrap(scales(values)).order(ByteOrder.LITTLE_ENDIAN);
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] =
          switch (this) {
            case F32 -> row.getFloat(4 * i);
            case F16 -> Float.float16ToFloat(row.getShort(2 * i));
            case Q8_0 -> row.get(i) * Float.float16ToFloat(scales.getShort(i / GROUP * 2));
          };
    }
    return rounded;
  }

  /** A padded row in ggml's blocks: a scale, then codes. */
  private static byte[] blocks(float[] values) {
    float[] padded = Arrays.copyOf(values, roundUp(values.length, GROUP));
    byte[] blocks = new byte[padded.length / GROUP * BLOCK_BYTES];
    QuantFormats.encoder(DType.Q8_0)
        .orElseThrow()
        .encode(padded, 0, padded.length, MemorySegment.ofArray(blocks), 0);
    return blocks;
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int roundUp(int n, int multiple) {
    return Math.ceilDiv(n, multiple) * multiple;
  }
}
