package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.Lanes.BYTES;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;
import static org.slmruntime.cpu.vector.Lanes.INTS;
import static org.slmruntime.cpu.vector.Lanes.SHORTS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/**
 * Vectorised decoders; layouts as in {@code org.slmruntime.quant}. Codes are put together sixteen
 * bytes at a time and become floats at the end. Formats without one of their own here are decoded
 * by the scalar code of core.
 */
public final class RowDecoders {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);

  private RowDecoders() {}

  /** Whether a type can be decoded at all. */
  public static boolean supports(DType type) {
    return QuantFormats.of(type).isPresent();
  }

  /** The decoder of a supported type. */
  public static RowDecoder of(DType type) {
    return switch (type) {
      case F32 -> RowDecoders::f32;
      case F16 -> RowDecoders::f16;
      case BF16 -> RowDecoders::bf16;
      case Q8_0 -> LegacyDecoders::q8v0;
      case Q4_0 -> LegacyDecoders::q4v0;
      case Q4_1 -> LegacyDecoders::q4v1;
      case Q5_0 -> LegacyDecoders::q5v0;
      case Q5_1 -> LegacyDecoders::q5v1;
      case IQ4_NL -> LegacyDecoders::iq4nl;
      case IQ4_XS -> KDecoders::iq4xs;
      case Q2_K -> KDecoders::q2k;
      case Q3_K -> KDecoders::q3k;
      case Q4_K -> KDecoders::q4k;
      case Q5_K -> KDecoders::q5k;
      case Q6_K -> KDecoders::q6k;
      default -> QuantFormats.of(type).orElseThrow()::decode;
    };
  }

  static float half(MemorySegment s, long offset) {
    return Float.float16ToFloat(s.get(SHORT, offset));
  }

  private static void f32(MemorySegment s, long offset, float[] y, int at, int n) {
    MemorySegment.copy(s, FLOAT, offset, y, at, n);
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

  /**
   * A half's exponent is 112 too small for a float's; a product mends it, subnormals included.
   * Infinities and NaN get the largest exponent.
   */
  private static FloatVector halves(ShortVector v) {
    IntVector bits = (IntVector) v.convertShape(VectorOperators.S2I, INTS, 0);
    IntVector magnitude = bits.and(0x7fff);
    IntVector value =
        magnitude
            .lanewise(VectorOperators.LSHL, 13)
            .reinterpretAsFloats()
            .mul(0x1p112f)
            .reinterpretAsInts();
    // All ones where the sign of 0x7bff - magnitude is set: 13 such bits become an exponent's.
    IntVector special = magnitude.neg().add(0x7bff).lanewise(VectorOperators.ASHR, 31);
    return value
        .or(special.and(0x7f800000))
        .or(bits.and(0x8000).lanewise(VectorOperators.LSHL, 16))
        .reinterpretAsFloats();
  }

  private static void bf16(MemorySegment s, long offset, float[] y, int at, int n) {
    int bound = n - n % COUNT;
    for (int i = 0; i < bound; i += COUNT) {
      ShortVector v = ShortVector.fromMemorySegment(SHORTS, s, offset + 2L * i, LE);
      ((IntVector) v.convertShape(VectorOperators.S2I, INTS, 0))
          .lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsFloats()
          .intoArray(y, at + i);
    }
    for (int i = bound; i < n; i++) {
      y[at + i] = Float.intBitsToFloat(s.get(SHORT, offset + 2L * i) << 16);
    }
  }

  static ByteVector bytes(MemorySegment s, long offset) {
    return ByteVector.fromMemorySegment(BYTES, s, offset, LE);
  }

  /** Each byte's bits from {@code shift} on, as many as {@code mask} has. */
  static ByteVector field(ByteVector q, int shift, int mask) {
    return q.reinterpretAsShorts()
        .lanewise(VectorOperators.LSHR, shift)
        .reinterpretAsBytes()
        .and((byte) mask);
  }

  /** The bits that {@code mask} has, moved up. */
  static ByteVector moved(ByteVector q, int shift, int mask) {
    return q.and((byte) mask)
        .reinterpretAsShorts()
        .lanewise(VectorOperators.LSHL, shift)
        .reinterpretAsBytes();
  }

  /** {@code y = d * code} for sixteen signed codes. */
  static void put(ByteVector codes, float d, float[] y, int at) {
    floats(codes, 0).mul(d).intoArray(y, at);
    if (COUNT <= 8) {
      floats(codes, 1).mul(d).intoArray(y, at + COUNT);
    }
    if (COUNT <= 4) {
      floats(codes, 2).mul(d).intoArray(y, at + 2 * COUNT);
      floats(codes, 3).mul(d).intoArray(y, at + 3 * COUNT);
    }
  }

  /** {@code y = d * code + m} for sixteen signed codes. */
  static void put(ByteVector codes, float d, float m, float[] y, int at) {
    FloatVector factor = FloatVector.broadcast(FLOATS, d);
    FloatVector summand = FloatVector.broadcast(FLOATS, m);
    floats(codes, 0).fma(factor, summand).intoArray(y, at);
    if (COUNT <= 8) {
      floats(codes, 1).fma(factor, summand).intoArray(y, at + COUNT);
    }
    if (COUNT <= 4) {
      floats(codes, 2).fma(factor, summand).intoArray(y, at + 2 * COUNT);
      floats(codes, 3).fma(factor, summand).intoArray(y, at + 3 * COUNT);
    }
  }

  static FloatVector floats(ByteVector codes, int part) {
    return (FloatVector) codes.convertShape(VectorOperators.B2F, FLOATS, part);
  }
}
