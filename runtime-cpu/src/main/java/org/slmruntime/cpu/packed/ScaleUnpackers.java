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
import static org.slmruntime.cpu.packed.Panels.SHORTS;
import static org.slmruntime.cpu.packed.Panels.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** Turns the scales of a chunk of one panel into floats [group][row]. */
final class ScaleUnpackers {
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
      case HALF -> widen(s, at, n / BLOCK, scratch, scratch.scales, to);
      case TWO_HALVES -> {
        int groups = n / BLOCK;
        widen(s, at, groups, scratch, scratch.scales, to);
        widen(s, at + groups * VECTOR_BYTES, groups, scratch, scratch.offsets, to);
        addScales(scratch, to, groups * PANEL, bias);
      }
      case SIX_BITS -> sixBits(s, at, bias, scratch, to);
      case BYTES -> bytes(s, at, 4, scratch, to);
      case EIGHT_BYTES -> bytes(s, at, 2, scratch, to);
    }
  }

  /** C2 converts halves in plain loops over arrays only. */
  private static void widen(
      MemorySegment s, long at, int vectors, PackedScratch scratch, float[] target, int to) {
    short[] halves = scratch.halves;
    for (int i = 0; i < vectors; i++) {
      ShortVector.fromMemorySegment(SHORTS, s, at + i * VECTOR_BYTES, LE)
          .intoArray(halves, i * PANEL);
    }
    int n = vectors * PANEL;
    for (int i = 0; i < n; i++) {
      target[to + i] = Float.float16ToFloat(halves[i]);
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
    widen(s, at, 2, scratch, scratch.factors, 0);
    long words = at + 2 * VECTOR_BYTES;
    for (int half = 0; half < 2; half++) {
      sixBitHalf(s, words + half * VECTOR_BYTES, bias, half * COUNT, scratch, to + half * COUNT);
    }
  }

  /** One vector of rows: four groups from the low six bits of bytes, four from what is left. */
  private static void sixBitHalf(
      MemorySegment s, long words, int bias, int place, PackedScratch scratch, int to) {
    IntVector w0 = IntVector.fromMemorySegment(INTS, s, words, LE);
    IntVector w1 = IntVector.fromMemorySegment(INTS, s, words + 2 * VECTOR_BYTES, LE);
    IntVector w2 = IntVector.fromMemorySegment(INTS, s, words + 4 * VECTOR_BYTES, LE);
    FloatVector d = FloatVector.fromArray(FLOATS, scratch.factors, place);
    FloatVector m = FloatVector.fromArray(FLOATS, scratch.factors, PANEL + place);
    for (int g = to; g < to + 4 * PANEL; g += PANEL) {
      IntVector a = w0.and(63);
      IntVector b = w1.and(63);
      FloatVector scale = ((FloatVector) a.convert(I2F, 0)).mul(d);
      FloatVector minimum = ((FloatVector) b.convert(I2F, 0)).mul(m);
      scale.intoArray(scratch.scales, g);
      scale.mul(bias).sub(minimum).intoArray(scratch.offsets, g);
      a = w0.lanewise(LSHR, 2).and(0x30).or(w2.and(15));
      b = w1.lanewise(LSHR, 2).and(0x30);
      b = b.or(w2.lanewise(LSHR, 4).and(15));
      scale = ((FloatVector) a.convert(I2F, 0)).mul(d);
      minimum = ((FloatVector) b.convert(I2F, 0)).mul(m);
      scale.intoArray(scratch.scales, g + 4 * PANEL);
      scale.mul(bias).sub(minimum).intoArray(scratch.offsets, g + 4 * PANEL);
      w0 = w0.lanewise(LSHR, 8);
      w1 = w1.lanewise(LSHR, 8);
      w2 = w2.lanewise(LSHR, 8);
    }
  }

  /** Scales {@code d * byte}, exact: a word of four groups at a time, for half of the rows. */
  private static void bytes(MemorySegment s, long at, int words, PackedScratch scratch, int to) {
    float[] scales = scratch.scales;
    widen(s, at, 1, scratch, scratch.factors, 0);
    for (int i = 0; i < 2 * words; i++) {
      int place = (i & 1) * COUNT;
      int g = to + (i >> 1) * 4 * PANEL + place;
      FloatVector d = FloatVector.fromArray(FLOATS, scratch.factors, place);
      IntVector w = IntVector.fromMemorySegment(INTS, s, at + (i + 1L) * VECTOR_BYTES, LE);
      IntVector a = w.lanewise(LSHL, 24).lanewise(ASHR, 24);
      IntVector b = w.lanewise(LSHL, 16).lanewise(ASHR, 24);
      ((FloatVector) a.convert(I2F, 0)).mul(d).intoArray(scales, g);
      ((FloatVector) b.convert(I2F, 0)).mul(d).intoArray(scales, g + PANEL);
      a = w.lanewise(LSHL, 8).lanewise(ASHR, 24);
      b = w.lanewise(ASHR, 24);
      ((FloatVector) a.convert(I2F, 0)).mul(d).intoArray(scales, g + 2 * PANEL);
      ((FloatVector) b.convert(I2F, 0)).mul(d).intoArray(scales, g + 3 * PANEL);
    }
  }
}
