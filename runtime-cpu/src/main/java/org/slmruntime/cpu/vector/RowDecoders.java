package org.slmruntime.cpu.vector;

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

  private RowDecoders() {}

  /** Whether a type can be decoded at all. */
  public static boolean supports(DType type) {
    return QuantFormats.of(type).isPresent();
  }

  /** The decoder of a supported type. */
  public static RowDecoder of(DType type) {
    return switch (type) {
      case F32 -> (s, offset, y, at, n, _) -> f32(s, offset, y, at, n);
      case F16 -> RowDecoders::f16;
      case BF16 -> (s, offset, y, at, n, _) -> bf16(s, offset, y, at, n);
      default ->
          Packing.of(type).<RowDecoder>map(UnpackedDecoder::new).orElseGet(() -> scalar(type));
    };
  }

  private static RowDecoder scalar(DType type) {
    QuantFormat format = QuantFormats.of(type).orElseThrow();
    return (s, offset, y, at, n, _) -> format.decode(s, offset, y, at, n);
  }

  private static void f32(MemorySegment s, long offset, float[] y, int at, int n) {
    MemorySegment.copy(s, FLOAT, offset, y, at, n);
  }

  static void f16(MemorySegment s, long offset, float[] y, int at, int n, RowScratch scratch) {
    short[] halves = scratch.halves;
    for (int from = 0; from < n; from += halves.length) {
      int count = Math.min(halves.length, n - from);
      MemorySegment.copy(s, SHORT, offset + 2L * from, halves, 0, count);
      widen(halves, count, y, at + from);
    }
  }

  /** A loop of its own, plain enough for C2 to turn into conversions of whole vectors. */
  private static void widen(short[] halves, int count, float[] y, int at) {
    for (int i = 0; i < count; i++) {
      y[at + i] = Float.float16ToFloat(halves[i]);
    }
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
}
