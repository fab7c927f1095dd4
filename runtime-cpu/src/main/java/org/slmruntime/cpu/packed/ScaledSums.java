package org.slmruntime.cpu.packed;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static org.slmruntime.cpu.packed.PackedScratch.OTHER_SUMS;
import static org.slmruntime.cpu.packed.Panels.COUNT;
import static org.slmruntime.cpu.packed.Panels.FLOATS;
import static org.slmruntime.cpu.packed.Panels.INTS;
import static org.slmruntime.cpu.packed.Panels.LE;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.SHORTS;
import static org.slmruntime.cpu.packed.Panels.VECTOR_BYTES;
import static org.slmruntime.cpu.packed.ScaleUnpackers.HALF;
import static org.slmruntime.cpu.packed.ScaleUnpackers.HALF_FACTOR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * What {@link ScaleUnpackers} and then {@link GroupSums} do, to the bit, without storing scales and
 * loading them again: a third of the time. For the formats that most models have.
 *
 * <p>Parameters of all: {@code p} is where a chunk of a panel begins (of both {@code p0} and {@code
 * p1}), {@code sums} where its sums are and {@code to} its results; {@code dx} are scales of the
 * activations and {@code codeSums} sums of their blocks, scaled, the chunk's first at {@code
 * block}.
 */
final class ScaledSums {
  private ScaledSums() {}

  /** Whether there is a method for a format. */
  static boolean has(PackedFormat format) {
    return switch (format) {
      case Q4_0, Q4_K, Q6_K -> true;
      case Q3_K, Q4_1, Q5_0, Q5_1, Q5_K, Q8_0, IQ4_NL, IQ4_XS -> false;
    };
  }

  /**
   * Adds the sums of both panels of a pair.
   *
   * @param n columns
   */
  static void add(
      PackedFormat format,
      MemorySegment s,
      long p0,
      long p1,
      int n,
      float[] dx,
      float[] codeSums,
      int block,
      PackedScratch k) {
    switch (format.scales) {
      case HALF -> halves(s, p0, p1, n / format.group, dx, block, k);
      case SIX_BITS -> {
        int bias = format.width.bias();
        sixBits(s, p0, bias, 0, dx, codeSums, block, k, 0);
        sixBits(s, p1, bias, OTHER_SUMS, dx, codeSums, block, k, PANEL);
      }
      case BYTES -> {
        bytes(s, p0, 0, dx, block, k, 0);
        bytes(s, p1, OTHER_SUMS, dx, block, k, PANEL);
      }
      case TWO_HALVES, EIGHT_BYTES ->
          throw new IllegalArgumentException(format + " has no such method");
    }
  }

  /** A run for each group. Both panels at once, since each result waits for the one before. */
  private static void halves(
      MemorySegment s, long p0, long p1, int groups, float[] dx, int block, PackedScratch k) {
    FloatVector even0 = FloatVector.fromArray(FLOATS, k.totals, 0);
    FloatVector odd0 = FloatVector.fromArray(FLOATS, k.totals, COUNT);
    FloatVector even1 = FloatVector.fromArray(FLOATS, k.totals, PANEL);
    FloatVector odd1 = FloatVector.fromArray(FLOATS, k.totals, PANEL + COUNT);
    for (int g = 0; g < groups; g++) {
      long at = (long) g * VECTOR_BYTES;
      float d = dx[block + g];
      IntVector w = IntVector.fromMemorySegment(INTS, s, p0 + at, LE);
      IntVector sum = ShortVector.fromArray(SHORTS, k.sums, g * PANEL).reinterpretAsInts();
      FloatVector scale = w.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
      scale = scale.mul(HALF_FACTOR).mul(d);
      IntVector low = sum.lanewise(LSHL, 16).lanewise(ASHR, 16);
      even0 = ((FloatVector) low.convert(I2F, 0)).fma(scale, even0);
      scale = w.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(HALF_FACTOR).mul(d);
      odd0 = ((FloatVector) sum.lanewise(ASHR, 16).convert(I2F, 0)).fma(scale, odd0);
      w = IntVector.fromMemorySegment(INTS, s, p1 + at, LE);
      sum = ShortVector.fromArray(SHORTS, k.sums, OTHER_SUMS + g * PANEL).reinterpretAsInts();
      scale = w.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
      scale = scale.mul(HALF_FACTOR).mul(d);
      low = sum.lanewise(LSHL, 16).lanewise(ASHR, 16);
      even1 = ((FloatVector) low.convert(I2F, 0)).fma(scale, even1);
      scale = w.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(HALF_FACTOR).mul(d);
      odd1 = ((FloatVector) sum.lanewise(ASHR, 16).convert(I2F, 0)).fma(scale, odd1);
    }
    even0.intoArray(k.totals, 0);
    odd0.intoArray(k.totals, COUNT);
    even1.intoArray(k.totals, PANEL);
    odd1.intoArray(k.totals, PANEL + COUNT);
  }

  /** A run for each of eight groups. */
  private static void sixBits(
      MemorySegment s,
      long p,
      int bias,
      int sums,
      float[] dx,
      float[] codeSums,
      int block,
      PackedScratch k,
      int to) {
    FloatVector even = FloatVector.fromArray(FLOATS, k.totals, to);
    FloatVector odd = FloatVector.fromArray(FLOATS, k.totals, to + COUNT);
    IntVector w = IntVector.fromMemorySegment(INTS, s, p, LE);
    FloatVector d0 = w.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
    d0 = d0.mul(HALF_FACTOR);
    FloatVector d1 = w.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(HALF_FACTOR);
    w = IntVector.fromMemorySegment(INTS, s, p + VECTOR_BYTES, LE);
    FloatVector m0 = w.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
    m0 = m0.mul(HALF_FACTOR);
    FloatVector m1 = w.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(HALF_FACTOR);
    for (int g = 0; g < 8; g++) {
      w = IntVector.fromMemorySegment(INTS, s, p + (g + 2L) * VECTOR_BYTES, LE);
      IntVector sum = ShortVector.fromArray(SHORTS, k.sums, sums + g * PANEL).reinterpretAsInts();
      float d = dx[block + g];
      FloatVector c = FloatVector.broadcast(FLOATS, codeSums[block + g]);
      FloatVector scale = ((FloatVector) w.and(63).convert(I2F, 0)).mul(d0);
      FloatVector minimum = (FloatVector) w.lanewise(LSHR, 8).and(63).convert(I2F, 0);
      IntVector low = sum.lanewise(LSHL, 16).lanewise(ASHR, 16);
      even = ((FloatVector) low.convert(I2F, 0)).fma(scale.mul(d), even);
      even = scale.mul(bias).sub(minimum.mul(m0)).fma(c, even);
      scale = ((FloatVector) w.lanewise(LSHR, 16).and(63).convert(I2F, 0)).mul(d1);
      minimum = (FloatVector) w.lanewise(LSHR, 24).convert(I2F, 0);
      odd = ((FloatVector) sum.lanewise(ASHR, 16).convert(I2F, 0)).fma(scale.mul(d), odd);
      odd = scale.mul(bias).sub(minimum.mul(m1)).fma(c, odd);
    }
    even.intoArray(k.totals, to);
    odd.intoArray(k.totals, to + COUNT);
  }

  /** Two runs for each of sixteen groups, of which a vector has two. */
  private static void bytes(
      MemorySegment s, long p, int sums, float[] dx, int block, PackedScratch k, int to) {
    FloatVector even = FloatVector.fromArray(FLOATS, k.totals, to);
    FloatVector odd = FloatVector.fromArray(FLOATS, k.totals, to + COUNT);
    IntVector w = IntVector.fromMemorySegment(INTS, s, p, LE);
    FloatVector d0 = w.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
    d0 = d0.mul(HALF_FACTOR);
    FloatVector d1 = w.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(HALF_FACTOR);
    for (int g = 0; g < 8; g++) {
      w = IntVector.fromMemorySegment(INTS, s, p + (g + 1L) * VECTOR_BYTES, LE);
      int at = sums + 4 * g * PANEL;
      float d = dx[block + g];
      IntVector a = ShortVector.fromArray(SHORTS, k.sums, at).reinterpretAsInts();
      IntVector b = ShortVector.fromArray(SHORTS, k.sums, at + PANEL).reinterpretAsInts();
      IntVector high = a.lanewise(ASHR, 16).add(b.lanewise(ASHR, 16));
      a = a.lanewise(LSHL, 16).lanewise(ASHR, 16);
      IntVector low = a.add(b.lanewise(LSHL, 16).lanewise(ASHR, 16));
      FloatVector scale = (FloatVector) w.lanewise(LSHL, 24).lanewise(ASHR, 24).convert(I2F, 0);
      even = ((FloatVector) low.convert(I2F, 0)).fma(scale.mul(d0).mul(d), even);
      scale = (FloatVector) w.lanewise(LSHL, 8).lanewise(ASHR, 24).convert(I2F, 0);
      odd = ((FloatVector) high.convert(I2F, 0)).fma(scale.mul(d1).mul(d), odd);
      a = ShortVector.fromArray(SHORTS, k.sums, at + 2 * PANEL).reinterpretAsInts();
      b = ShortVector.fromArray(SHORTS, k.sums, at + 3 * PANEL).reinterpretAsInts();
      high = a.lanewise(ASHR, 16).add(b.lanewise(ASHR, 16));
      a = a.lanewise(LSHL, 16).lanewise(ASHR, 16);
      low = a.add(b.lanewise(LSHL, 16).lanewise(ASHR, 16));
      scale = (FloatVector) w.lanewise(LSHL, 16).lanewise(ASHR, 24).convert(I2F, 0);
      even = ((FloatVector) low.convert(I2F, 0)).fma(scale.mul(d0).mul(d), even);
      scale = (FloatVector) w.lanewise(ASHR, 24).convert(I2F, 0);
      odd = ((FloatVector) high.convert(I2F, 0)).fma(scale.mul(d1).mul(d), odd);
    }
    even.intoArray(k.totals, to);
    odd.intoArray(k.totals, to + COUNT);
  }
}
