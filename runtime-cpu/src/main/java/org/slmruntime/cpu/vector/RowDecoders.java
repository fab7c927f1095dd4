package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.INTS;
import static org.slmruntime.cpu.vector.Lanes.SHORTS;
import static org.slmruntime.cpu.vector.StoredValues.LE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import org.slmruntime.quant.QuantFormat;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/**
 * Decoders of the stored formats; layouts as in {@code org.slmruntime.quant}. Formats without
 * vectorised code here are decoded by the scalar code of core.
 */
public final class RowDecoders {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);

  /** The exponent of float32 infinities and NaNs. */
  private static final int FLOAT_EXPONENT = 0x7f800000;

  private RowDecoders() {}

  /** Whether a type can be decoded at all. */
  public static boolean supports(DType type) {
    return QuantFormats.of(type).isPresent();
  }

  /** The decoder of a supported type. */
  public static RowDecoder of(DType type) {
    return switch (type) {
      case F32 -> (s, offset, y, at, n, _) -> f32(s, offset, y, at, n);
      case F16 -> (s, offset, y, at, n, _) -> f16(s, offset, y, at, n);
      case BF16 -> (s, offset, y, at, n, _) -> bf16(s, offset, y, at, n);
      default ->
          Packing.of(type).<RowDecoder>map(UnpackedDecoder::new).orElseGet(() -> scalar(type));
    };
  }

  /** Decodes halves to the order of {@link WordOrder}, {@link Halves#SCALE} times too small. */
  static RowDecoder halvesInWordOrder() {
    return (s, offset, y, at, n, _) -> words(s, offset, y, at, n);
  }

  private static RowDecoder scalar(DType type) {
    QuantFormat format = QuantFormats.of(type).orElseThrow();
    return (s, offset, y, at, n, _) -> format.decode(s, offset, y, at, n);
  }

  private static void f32(MemorySegment s, long offset, float[] y, int at, int n) {
    MemorySegment.copy(s, FLOAT, offset, y, at, n);
  }

  private static void f16(MemorySegment s, long offset, float[] y, int at, int n) {
    int bound = n - n % COUNT;
    for (int i = 0; i < bound; i += COUNT) {
      ShortVector v = ShortVector.fromMemorySegment(SHORTS, s, offset + 2L * i, LE);
      IntVector bits = (IntVector) v.convertShape(VectorOperators.S2I, INTS, 0);
      bits = bits.lanewise(LSHL, Halves.SHIFT).and(Halves.BITS);
      // The exponent of infinities and NaNs overflows into the bit above it.
      IntVector special = bits.add(Halves.EXPONENT_ONE).lanewise(LSHL, 3);
      special = special.lanewise(ASHR, 31).and(FLOAT_EXPONENT);
      IntVector scaled = bits.reinterpretAsFloats().mul(Halves.SCALE).reinterpretAsInts();
      scaled.or(special).reinterpretAsFloats().intoArray(y, at + i);
    }
    for (int i = bound; i < n; i++) {
      y[at + i] = Float.float16ToFloat(s.get(SHORT, offset + 2L * i));
    }
  }

  private static void words(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int i = 0; i < n; i += WordOrder.BLOCK) {
      IntVector w = IntVector.fromMemorySegment(INTS, s, offset + 2L * i, LE);
      IntVector lower = w.lanewise(LSHL, 16).lanewise(ASHR, Halves.UPPER_SHIFT).and(Halves.BITS);
      IntVector upper = w.lanewise(ASHR, Halves.UPPER_SHIFT).and(Halves.BITS);
      // The exponent of infinities and NaNs overflows into the bit above it.
      IntVector special = lower.add(Halves.EXPONENT_ONE).lanewise(LSHL, 3).lanewise(ASHR, 31);
      lower.or(special.and(FLOAT_EXPONENT)).reinterpretAsFloats().intoArray(y, at + i);
      special = upper.add(Halves.EXPONENT_ONE).lanewise(LSHL, 3).lanewise(ASHR, 31);
      upper.or(special.and(FLOAT_EXPONENT)).reinterpretAsFloats().intoArray(y, at + i + COUNT);
    }
  }

  private static void bf16(MemorySegment s, long offset, float[] y, int at, int n) {
    int bound = n - n % COUNT;
    for (int i = 0; i < bound; i += COUNT) {
      ShortVector v = ShortVector.fromMemorySegment(SHORTS, s, offset + 2L * i, LE);
      ((IntVector) v.convertShape(VectorOperators.S2I, INTS, 0))
          .lanewise(LSHL, 16)
          .reinterpretAsFloats()
          .intoArray(y, at + i);
    }
    for (int i = bound; i < n; i++) {
      y[at + i] = Float.intBitsToFloat(s.get(SHORT, offset + 2L * i) << 16);
    }
  }
}
