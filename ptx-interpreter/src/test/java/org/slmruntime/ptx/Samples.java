package org.slmruntime.ptx;

import java.util.Random;

/** Random values that often are special ones. */
final class Samples {
  private static final long[] LONGS = {
    0,
    1,
    -1,
    2,
    31,
    32,
    33,
    63,
    64,
    255,
    256,
    0x7f,
    0x80,
    0x7fff,
    0x8000,
    0xffff,
    0x7fffffff,
    0x80000000L,
    0xffffffffL,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };
  private static final float[] FLOATS = {
    0f,
    -0f,
    1f,
    -1f,
    0.5f,
    1.5f,
    2.5f,
    -2.5f,
    65504f,
    65520f,
    1e-8f,
    0x1p-126f,
    0x1p-149f,
    Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN,
    0x1p31f,
    -0x1p31f,
    0x1p63f,
    255.5f,
    -128.5f
  };

  private final Random random = new Random(Lab.SEED);

  Random random() {
    return random;
  }

  long[] longs(int count) {
    return random
        .longs(count)
        .map(x -> random.nextInt(3) == 0 ? LONGS[random.nextInt(LONGS.length)] : shorten(x))
        .toArray();
  }

  private long shorten(long x) {
    return random.nextBoolean() ? x : x >> random.nextInt(64);
  }

  float aFloat() {
    return switch (random.nextInt(4)) {
      case 0 -> FLOATS[random.nextInt(FLOATS.length)];
      case 1 -> Float.intBitsToFloat(random.nextInt());
      default -> (float) random.nextGaussian();
    };
  }

  /** Bit patterns of 32-bit floats. */
  long[] floats(int count) {
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = Integer.toUnsignedLong(Float.floatToRawIntBits(aFloat()));
    }
    return values;
  }

  /** Bit patterns of 16-bit floats. */
  long[] halves(int count) {
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      boolean any = random.nextInt(3) == 0;
      int bits = any ? random.nextInt() : Float.floatToFloat16((float) random.nextGaussian());
      values[i] = bits & 0xffff;
    }
    return values;
  }

  /** Bit patterns of 64-bit floats. */
  long[] doubles(int count) {
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      double x = random.nextBoolean() ? aFloat() : random.nextGaussian() * 1e5;
      values[i] = Double.doubleToRawLongBits(x);
    }
    return values;
  }
}
