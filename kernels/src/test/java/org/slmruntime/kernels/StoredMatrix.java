package org.slmruntime.kernels;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/** A random matrix as a model file holds it, and as the device does. */
record StoredMatrix(MatrixLayout layout, byte[] stored) {
  /** Every code and scale is drawn; scales are such that weights are about one in size. */
  static StoredMatrix random(DType type, int rows, int columns, Random random) {
    MatrixLayout layout = new MatrixLayout(type, rows, columns);
    byte[] stored = new byte[Math.toIntExact(type.byteSize((long) rows * columns))];
    random.nextBytes(stored);
    ByteBuffer bytes = ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < stored.length; at += type.blockBytes()) {
      fillNumbers(type, bytes, at, random);
    }
    return new StoredMatrix(layout, stored);
  }

  private static void fillNumbers(DType type, ByteBuffer to, int at, Random random) {
    switch (type) {
      case F32 -> to.putFloat(at, (float) random.nextGaussian());
      case BF16 ->
          to.putShort(at, (short) (Float.floatToIntBits((float) random.nextGaussian()) >> 16));
      case F16 -> half(to, at, random.nextGaussian());
      case Q8_0 -> half(to, at, signed(random) / 128);
      case Q4_0 -> half(to, at, signed(random) / 8);
      case Q5_0 -> half(to, at, signed(random) / 16);
      case IQ4_NL -> half(to, at, signed(random) / 128);
      case Q4_1 -> pair(to, at, signed(random) / 8, signed(random));
      case Q5_1 -> pair(to, at, signed(random) / 16, signed(random));
      case IQ4_XS -> half(to, at, signed(random) / 4096);
      case Q2_K -> pair(to, at + 80, signed(random) / 16, signed(random) / 16);
      case Q3_K -> half(to, at + 108, signed(random) / 128);
      case Q4_K -> pair(to, at, signed(random) / 512, signed(random) / 64);
      case Q5_K -> pair(to, at, signed(random) / 1024, signed(random) / 64);
      case Q6_K -> half(to, at + 208, signed(random) / 4096);
      default -> throw new IllegalArgumentException("" + type);
    }
  }

  private static void pair(ByteBuffer to, int at, double first, double second) {
    half(to, at, first);
    half(to, at + 2, second);
  }

  private static void half(ByteBuffer to, int at, double value) {
    to.putShort(at, Float.floatToFloat16((float) value));
  }

  private static double signed(Random random) {
    double size = 0.5 + random.nextDouble();
    return random.nextBoolean() ? size : -size;
  }

  /** All weights, row by row, as the runtime's decoder reads them. */
  float[] decoded() {
    int count = layout.rows() * layout.columns();
    float[] weights = new float[count];
    QuantFormats.of(layout.type())
        .orElseThrow()
        .decode(MemorySegment.ofArray(stored), 0, weights, 0, count);
    return weights;
  }

  /** The planes one after the other. */
  byte[] packed() {
    byte[] packed = new byte[Math.toIntExact(layout.bytes())];
    MemorySegment out = MemorySegment.ofArray(packed);
    long rowBytes = layout.type().byteSize(layout.columns());
    for (int plane = 0; plane < layout.planes(); plane++) {
      for (int row = 0; row < layout.rows(); row++) {
        long to = layout.offset(plane) + (long) row * layout.pitch(plane);
        layout.packRow(plane, MemorySegment.ofArray(stored), row * rowBytes, out, to);
      }
    }
    return packed;
  }

  /** Uploads each plane apart from the others, without a byte to spare; {@code first} is row 0. */
  KernelLab.Matrix upload(KernelLab lab, int first) {
    byte[] packed = packed();
    long[] planes = new long[layout.planes()];
    int[] pitches = new int[layout.planes()];
    for (int plane = 0; plane < planes.length; plane++) {
      int start = Math.toIntExact(layout.offset(plane));
      int bytes = layout.rows() * layout.pitch(plane);
      pitches[plane] = layout.pitch(plane);
      planes[plane] =
          lab.upload(Arrays.copyOfRange(packed, start, start + bytes))
              + (long) first * pitches[plane];
    }
    return new KernelLab.Matrix(planes, pitches);
  }

  /** Bytes of all planes' rows. */
  long planeBytes() {
    long bytes = 0;
    for (int plane = 0; plane < layout.planes(); plane++) {
      bytes += (long) layout.rows() * layout.pitch(plane);
    }
    return bytes;
  }
}
