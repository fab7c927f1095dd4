package org.slmruntime.kernels;

import java.util.Locale;

/** How the device's cache stores a row of one head; the README of this module describes it. */
enum CacheFormat {
  F32,
  F16,
  Q8_0;

  private static final int GROUP = 32;

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

  /** What the cache makes of a row's values. */
  float[] round(float[] values) {
    float[] rounded = values.clone();
    for (int i = 0; i < values.length; i++) {
      switch (this) {
        case F32 -> {}
        case F16 -> rounded[i] = Float.float16ToFloat(Float.floatToFloat16(values[i]));
        case Q8_0 -> {
          float scale = scale(values, i / GROUP);
          float stored = Float.float16ToFloat(Float.floatToFloat16(scale));
          rounded[i] = stored * code(values[i], scale);
        }
      }
    }
    return rounded;
  }

  static float scale(float[] values, int group) {
    float largest = 0;
    for (int i = group * GROUP; i < Math.min(values.length, (group + 1) * GROUP); i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    return largest / 127;
  }

  /** Halves are rounded away from zero. */
  static byte code(float value, float scale) {
    float x = scale == 0 ? 0 : value * (1 / scale);
    return (byte) (Math.signum(x) * Math.floor(Math.abs((double) x) + 0.5));
  }

  private static int roundUp(int n, int multiple) {
    return Math.ceilDiv(n, multiple) * multiple;
  }
}
