package org.slmruntime.cpu.packed;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static org.slmruntime.cpu.packed.Panels.BLOCK;
import static org.slmruntime.cpu.packed.Panels.COUNT;
import static org.slmruntime.cpu.packed.Panels.FLOATS;
import static org.slmruntime.cpu.packed.Panels.INTS;
import static org.slmruntime.cpu.packed.Panels.LE;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Turns the scales of a chunk of one panel into floats [group][row]. */
final class ScaleUnpackers {
  /** A float's sign, the lower five bits of its exponent, the upper ten of its mantissa. */
  static final int HALF = 0x8fffe000;

  /** What such a float is to be multiplied with. */
  static final float HALF_FACTOR = 0x1p112f;

  private ScaleUnpackers() {}

  /**
   * @param at where the chunk begins
   * @param n columns of the chunk
   * @param to where the panel's scales and offsets begin
   */
  static void unpack(
      PackedFormat format, MemorySegment s, long at, int n, PackedScratch scratch, int to) {
    int bias = format.width.bias();
    switch (format.scales) {
      case HALF -> widen(s, at, n / BLOCK, scratch.scales, to);
      case TWO_HALVES -> {
        int groups = n / BLOCK;
        widen(s, at, groups, scratch.scales, to);
        widen(s, at + groups * VECTOR_BYTES, groups, scratch.offsets, to);
        addScales(scratch, to, groups * PANEL, bias);
      }
      case SIX_BITS -> sixBits(s, at, bias, scratch, to);
      case BYTES -> bytes(s, at, 8, scratch, to);
      case EIGHT_BYTES -> bytes(s, at, 4, scratch, to);
    }
  }

  /**
   * Two rows to a word. The bits of a half, moved to where a float has them, are its value divided
   * by 2^112, even where the half is subnormal; infinity and NaN become finite.
   */
  private static void widen(MemorySegment s, long at, int vectors, float[] target, int to) {
    for (int i = 0; i < vectors; i++) {
      IntVector w = IntVector.fromMemorySegment(INTS, s, at + (long) i * VECTOR_BYTES, LE);
      IntVector even = w.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF);
      IntVector odd = w.lanewise(ASHR, 3).and(HALF);
      even.reinterpretAsFloats().mul(HALF_FACTOR).intoArray(target, to + i * PANEL);
      odd.reinterpretAsFloats().mul(HALF_FACTOR).intoArray(target, to + i * PANEL + COUNT);
    }
  }

  /**
   * Codes are relative to {@code bias}: {@code minimum + bias * scale}, of which the product is
   * exact.
   */
  private static void addScales(PackedScratch scratch, int at, int n, int bias) {
    float[] scales = scratch.scales;
    float[] offsets = scratch.offsets;
    for (int i = at; i < at + n; i++) {
      offsets[i] += bias * scales[i];
    }
  }

  /**
   * Scales {@code d * scale}, offsets {@code bias * d * scale - dmin * minimum}; all products are
   * exact.
   */
  private static void sixBits(MemorySegment s, long at, int bias, PackedScratch scratch, int to) {
    widen(s, at, 2, scratch.factors, 0);
    FloatVector d0 = FloatVector.fromArray(FLOATS, scratch.factors, 0);
    FloatVector d1 = FloatVector.fromArray(FLOATS, scratch.factors, COUNT);
    FloatVector m0 = FloatVector.fromArray(FLOATS, scratch.factors, PANEL);
    FloatVector m1 = FloatVector.fromArray(FLOATS, scratch.factors, PANEL + COUNT);
    for (int i = 0; i < 8; i++) {
      int g = to + i * PANEL;
      IntVector w = IntVector.fromMemorySegment(INTS, s, at + (i + 2L) * VECTOR_BYTES, LE);
      FloatVector scale = ((FloatVector) w.and(63).convert(I2F, 0)).mul(d0);
      FloatVector minimum = (FloatVector) w.lanewise(LSHR, 8).and(63).convert(I2F, 0);
      scale.intoArray(scratch.scales, g);
      scale.mul(bias).sub(minimum.mul(m0)).intoArray(scratch.offsets, g);
      scale = ((FloatVector) w.lanewise(LSHR, 16).and(63).convert(I2F, 0)).mul(d1);
      minimum = (FloatVector) w.lanewise(LSHR, 24).convert(I2F, 0);
      scale.intoArray(scratch.scales, g + COUNT);
      scale.mul(bias).sub(minimum.mul(m1)).intoArray(scratch.offsets, g + COUNT);
    }
  }

  /** Scales {@code d * byte}, exact: two groups of all rows at a time. */
  private static void bytes(MemorySegment s, long at, int vectors, PackedScratch scratch, int to) {
    float[] scales = scratch.scales;
    widen(s, at, 1, scratch.factors, 0);
    FloatVector d0 = FloatVector.fromArray(FLOATS, scratch.factors, 0);
    FloatVector d1 = FloatVector.fromArray(FLOATS, scratch.factors, COUNT);
    for (int i = 0; i < vectors; i++) {
      int g = to + 2 * i * PANEL;
      IntVector w = IntVector.fromMemorySegment(INTS, s, at + (i + 1L) * VECTOR_BYTES, LE);
      IntVector a = w.lanewise(LSHL, 24).lanewise(ASHR, 24);
      IntVector b = w.lanewise(LSHL, 8).lanewise(ASHR, 24);
      ((FloatVector) a.convert(I2F, 0)).mul(d0).intoArray(scales, g);
      ((FloatVector) b.convert(I2F, 0)).mul(d1).intoArray(scales, g + COUNT);
      a = w.lanewise(LSHL, 16).lanewise(ASHR, 24);
      b = w.lanewise(ASHR, 24);
      ((FloatVector) a.convert(I2F, 0)).mul(d0).intoArray(scales, g + PANEL);
      ((FloatVector) b.convert(I2F, 0)).mul(d1).intoArray(scales, g + PANEL + COUNT);
    }
  }
}
