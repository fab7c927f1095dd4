package org.slmruntime.cpu.matmul;

import static org.slmruntime.cpu.matmul.Lanes.BYTES;
import static org.slmruntime.cpu.matmul.Lanes.COUNT;
import static org.slmruntime.cpu.matmul.Lanes.FLOATS;
import static org.slmruntime.cpu.matmul.Lanes.GROUP;
import static org.slmruntime.cpu.matmul.Lanes.INTS;
import static org.slmruntime.cpu.matmul.Lanes.SHORTS;
import static org.slmruntime.cpu.matmul.Lanes.TWO_PARTS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/**
 * Vectorised decoders; layouts as in {@code org.slmruntime.quant}. Formats without one of their own
 * here are decoded by the scalar code of core.
 */
final class RowDecoders {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private RowDecoders() {}

  /** Whether a type can be decoded at all. */
  static boolean supports(DType type) {
    return QuantFormats.of(type).isPresent();
  }

  static RowDecoder of(DType type) {
    return switch (type) {
      case F32 -> RowDecoders::f32;
      case F16 -> RowDecoders::f16;
      case BF16 -> RowDecoders::bf16;
      case Q8_0 -> RowDecoders::q8v0;
      case Q4_0 -> RowDecoders::q4v0;
      case Q4_1 -> RowDecoders::q4v1;
      case Q4_K -> RowDecoders::q4k;
      case Q5_K -> RowDecoders::q5k;
      case Q6_K -> RowDecoders::q6k;
      default -> QuantFormats.of(type).orElseThrow()::decode;
    };
  }

  static float half(MemorySegment s, long offset) {
    return Float.float16ToFloat(s.get(SHORT, offset));
  }

  private static void f32(MemorySegment s, long offset, float[] y, int at, int n) {
    MemorySegment.copy(s, ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE), offset, y, at, n);
  }

  private static void f16(MemorySegment s, long offset, float[] y, int at, int n) {
    int bound = n - n % COUNT;
    for (int i = 0; i < bound; i += COUNT) {
      halves(ShortVector.fromMemorySegment(SHORTS, s, offset + 2L * i, LE)).intoArray(y, at + i);
    }
    for (int i = bound; i < n; i++) {
      y[at + i] = half(s, offset + 2L * i);
    }
  }

  /** A half's exponent is 112 too small for a float's; a product mends it, subnormals included. */
  static FloatVector halves(ShortVector v) {
    IntVector bits = (IntVector) v.convertShape(VectorOperators.S2I, INTS, 0);
    IntVector magnitude = bits.and(0x7fff);
    FloatVector value =
        magnitude.lanewise(VectorOperators.LSHL, 13).reinterpretAsFloats().mul(0x1p112f);
    VectorMask<Integer> special = magnitude.compare(VectorOperators.GE, 0x7c00);
    IntVector result = value.reinterpretAsInts();
    if (special.anyTrue()) {
      result = result.lanewise(VectorOperators.OR, 0x7f800000, special);
    }
    return result.or(bits.and(0x8000).lanewise(VectorOperators.LSHL, 16)).reinterpretAsFloats();
  }

  private static void bf16(MemorySegment s, long offset, float[] y, int at, int n) {
    int bound = n - n % COUNT;
    for (int i = 0; i < bound; i += COUNT) {
      brains(ShortVector.fromMemorySegment(SHORTS, s, offset + 2L * i, LE)).intoArray(y, at + i);
    }
    for (int i = bound; i < n; i++) {
      y[at + i] = Float.intBitsToFloat(s.get(SHORT, offset + 2L * i) << 16);
    }
  }

  static FloatVector brains(ShortVector v) {
    return ((IntVector) v.convertShape(VectorOperators.S2I, INTS, 0))
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
  }

  private static void q8v0(MemorySegment s, long offset, float[] y, int at, int n) {
    long block = offset;
    for (int i = at; i < at + n; i += 32, block += 34) {
      float d = half(s, block);
      for (int j = 0; j < 32; j += GROUP) {
        ByteVector q = ByteVector.fromMemorySegment(BYTES, s, block + 2 + j, LE);
        signed(q, 0).mul(d).intoArray(y, i + j);
        if (TWO_PARTS) {
          signed(q, 1).mul(d).intoArray(y, i + j + COUNT);
        }
      }
    }
  }

  private static void q4v0(MemorySegment s, long offset, float[] y, int at, int n) {
    long block = offset;
    for (int i = at; i < at + n; i += 32, block += 18) {
      float d = half(s, block);
      nibbles16(s, block + 2, d, -8 * d, y, i);
    }
  }

  private static void q4v1(MemorySegment s, long offset, float[] y, int at, int n) {
    long block = offset;
    for (int i = at; i < at + n; i += 32, block += 20) {
      nibbles16(s, block + 4, half(s, block), half(s, block + 2), y, i);
    }
  }

  /** 16 bytes: low nibbles to 16 elements, high nibbles to the next 16; {@code code * d + m}. */
  private static void nibbles16(MemorySegment s, long from, float d, float m, float[] y, int at) {
    FloatVector minimum = FloatVector.broadcast(FLOATS, m);
    for (int j = 0; j < 16; j += GROUP) {
      ByteVector q = ByteVector.fromMemorySegment(BYTES, s, from + j, LE);
      scaledNibbles(unsigned(q, 0), d, minimum, d, minimum, y, at + j, 16);
      if (TWO_PARTS) {
        scaledNibbles(unsigned(q, 1), d, minimum, d, minimum, y, at + j + COUNT, 16);
      }
    }
  }

  private static void scaledNibbles(
      IntVector q, float d0, FloatVector m0, float d1, FloatVector m1, float[] y, int at, int gap) {
    floats(q.and(15)).fma(FloatVector.broadcast(FLOATS, d0), m0).intoArray(y, at);
    floats(q.lanewise(VectorOperators.LSHR, 4))
        .fma(FloatVector.broadcast(FLOATS, d1), m1)
        .intoArray(y, at + gap);
  }

  private static void q4k(MemorySegment s, long offset, float[] y, int at, int n) {
    long block = offset;
    for (int i = at; i < at + n; i += 256, block += 144) {
      float d = half(s, block);
      float dmin = half(s, block + 2);
      long scales = KScales.scales(s.get(INT, block + 4), s.get(INT, block + 12));
      long minimums = KScales.minimums(s.get(INT, block + 8), s.get(INT, block + 12));
      for (int pair = 0; pair < 4; pair++) {
        float d0 = d * KScales.at(scales, 2 * pair);
        float d1 = d * KScales.at(scales, 2 * pair + 1);
        FloatVector m0 = FloatVector.broadcast(FLOATS, -dmin * KScales.at(minimums, 2 * pair));
        FloatVector m1 = FloatVector.broadcast(FLOATS, -dmin * KScales.at(minimums, 2 * pair + 1));
        for (int j = 0; j < 32; j += GROUP) {
          ByteVector q = ByteVector.fromMemorySegment(BYTES, s, block + 16 + 32 * pair + j, LE);
          scaledNibbles(unsigned(q, 0), d0, m0, d1, m1, y, i + 64 * pair + j, 32);
          if (TWO_PARTS) {
            scaledNibbles(unsigned(q, 1), d0, m0, d1, m1, y, i + 64 * pair + j + COUNT, 32);
          }
        }
      }
    }
  }

  private static void q5k(MemorySegment s, long offset, float[] y, int at, int n) {
    long block = offset;
    for (int i = at; i < at + n; i += 256, block += 176) {
      float d = half(s, block);
      float dmin = half(s, block + 2);
      long scales = KScales.scales(s.get(INT, block + 4), s.get(INT, block + 12));
      long minimums = KScales.minimums(s.get(INT, block + 8), s.get(INT, block + 12));
      for (int group = 0; group < 8; group++) {
        float dg = d * KScales.at(scales, group);
        FloatVector mg = FloatVector.broadcast(FLOATS, -dmin * KScales.at(minimums, group));
        for (int j = 0; j < 32; j += GROUP) {
          ByteVector low =
              ByteVector.fromMemorySegment(BYTES, s, block + 48 + 32 * (group >> 1) + j, LE);
          ByteVector high = ByteVector.fromMemorySegment(BYTES, s, block + 16 + j, LE);
          fiveBits(unsigned(low, 0), unsigned(high, 0), group, dg, mg, y, i + 32 * group + j);
          if (TWO_PARTS) {
            fiveBits(
                unsigned(low, 1), unsigned(high, 1), group, dg, mg, y, i + 32 * group + j + COUNT);
          }
        }
      }
    }
  }

  private static void fiveBits(
      IntVector low, IntVector high, int group, float d, FloatVector m, float[] y, int at) {
    IntVector code =
        low.lanewise(VectorOperators.LSHR, 4 * (group & 1))
            .and(15)
            .or(
                high.lanewise(VectorOperators.LSHR, group)
                    .and(1)
                    .lanewise(VectorOperators.LSHL, 4));
    floats(code).fma(FloatVector.broadcast(FLOATS, d), m).intoArray(y, at);
  }

  private static void q6k(MemorySegment s, long offset, float[] y, int at, int n) {
    long block = offset;
    for (int i = at; i < at + n; i += 256, block += 210) {
      float d = half(s, block + 208);
      for (int half = 0; half < 2; half++) {
        long low = block + 64 * half;
        long high = block + 128 + 32 * half;
        long scales = s.get(LONG, block + 192 + 8 * half);
        for (int j = 0; j < 32; j += GROUP) {
          ByteVector low0 = ByteVector.fromMemorySegment(BYTES, s, low + j, LE);
          ByteVector low1 = ByteVector.fromMemorySegment(BYTES, s, low + 32 + j, LE);
          ByteVector top = ByteVector.fromMemorySegment(BYTES, s, high + j, LE);
          long shifted = scales >>> 8 * (j >> 4);
          int to = i + 128 * half + j;
          sixBits(unsigned(low0, 0), unsigned(low1, 0), unsigned(top, 0), d, shifted, y, to);
          if (TWO_PARTS) {
            sixBits(
                unsigned(low0, 1), unsigned(low1, 1), unsigned(top, 1), d, shifted, y, to + COUNT);
          }
        }
      }
    }
  }

  /** The four planes of a half block: codes around 32, each plane with its own scale. */
  private static void sixBits(
      IntVector low0, IntVector low1, IntVector top, float d, long scales, float[] y, int at) {
    plane(low0.and(15), top.and(3), d * (byte) scales, y, at);
    plane(
        low1.and(15),
        top.lanewise(VectorOperators.LSHR, 2).and(3),
        d * (byte) (scales >>> 16),
        y,
        at + 32);
    plane(
        low0.lanewise(VectorOperators.LSHR, 4),
        top.lanewise(VectorOperators.LSHR, 4).and(3),
        d * (byte) (scales >>> 32),
        y,
        at + 64);
    plane(
        low1.lanewise(VectorOperators.LSHR, 4),
        top.lanewise(VectorOperators.LSHR, 6),
        d * (byte) (scales >>> 48),
        y,
        at + 96);
  }

  private static void plane(IntVector low, IntVector high, float d, float[] y, int at) {
    IntVector code = low.or(high.lanewise(VectorOperators.LSHL, 4)).sub(32);
    floats(code).mul(d).intoArray(y, at);
  }

  static FloatVector signed(ByteVector q, int part) {
    return (FloatVector) q.convertShape(VectorOperators.B2F, FLOATS, part);
  }

  static IntVector unsigned(ByteVector q, int part) {
    return (IntVector) q.convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, part);
  }

  static FloatVector floats(IntVector q) {
    return (FloatVector) q.convertShape(VectorOperators.I2F, FLOATS, 0);
  }
}
