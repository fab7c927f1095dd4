package org.slmruntime.cpu.packed;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.slmruntime.cpu.packed.Panels.BYTES;
import static org.slmruntime.cpu.packed.Panels.COUNT;
import static org.slmruntime.cpu.packed.Panels.INTS;
import static org.slmruntime.cpu.packed.Panels.LE;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import org.slmruntime.cpu.vector.Levels;

/** Expands packed codes of 8 bits, or levels, to float32, [column][row], for {@link FloatSums}. */
final class FloatUnpacker {
  private static final byte[] LEVELS = Levels.table(VECTOR_BYTES, 0);

  private FloatUnpacker() {}

  /**
   * @param at where the codes begin
   * @param n columns
   */
  static void unpack(PackedFormat.CodeWidth width, MemorySegment s, long at, int n, float[] codes) {
    if (width == PackedFormat.CodeWidth.LEVELS) {
      levels(s, at, n, codes);
    } else {
      eights(s, at, n, codes);
    }
  }

  /** A word is two columns of an even and an odd row; codes are stored unsigned. */
  private static void eights(MemorySegment s, long at, int n, float[] codes) {
    int values = n / 2;
    for (int i = 0; i < values; i++) {
      long from = at + (long) i * VECTOR_BYTES;
      IntVector z = IntVector.fromMemorySegment(INTS, s, from, LE);
      z = z.lanewise(XOR, 0x80808080);
      int to = i * 2 * PANEL;
      IntVector code = z.lanewise(LSHL, 24).lanewise(ASHR, 24);
      ((FloatVector) code.convert(I2F, 0)).intoArray(codes, to);
      code = z.lanewise(LSHL, 8).lanewise(ASHR, 24);
      ((FloatVector) code.convert(I2F, 0)).intoArray(codes, to + COUNT);
      code = z.lanewise(LSHL, 16).lanewise(ASHR, 24);
      ((FloatVector) code.convert(I2F, 0)).intoArray(codes, to + PANEL);
      code = z.lanewise(ASHR, 24);
      ((FloatVector) code.convert(I2F, 0)).intoArray(codes, to + PANEL + COUNT);
    }
  }

  /** A word becomes two such as above, all of them signed. */
  private static void levels(MemorySegment s, long at, int n, float[] codes) {
    ByteVector levels = ByteVector.fromArray(BYTES, LEVELS, 0);
    int values = n / 4;
    for (int i = 0; i < values; i++) {
      long from = at + (long) i * VECTOR_BYTES;
      IntVector z = IntVector.fromMemorySegment(INTS, s, from, LE);
      IntVector w = z.reinterpretAsBytes().selectFrom(levels).reinterpretAsInts();
      int to = i * 4 * PANEL;
      IntVector code = w.lanewise(LSHL, 24).lanewise(ASHR, 24);
      ((FloatVector) code.convert(I2F, 0)).intoArray(codes, to);
      code = w.lanewise(LSHL, 8).lanewise(ASHR, 24);
      ((FloatVector) code.convert(I2F, 0)).intoArray(codes, to + COUNT);
      code = w.lanewise(LSHL, 16).lanewise(ASHR, 24);
      ((FloatVector) code.convert(I2F, 0)).intoArray(codes, to + PANEL);
      code = w.lanewise(ASHR, 24);
      ((FloatVector) code.convert(I2F, 0)).intoArray(codes, to + PANEL + COUNT);
      w = z.lanewise(LSHR, 4).reinterpretAsBytes().selectFrom(levels).reinterpretAsInts();
      code = w.lanewise(LSHL, 24).lanewise(ASHR, 24);
      ((FloatVector) code.convert(I2F, 0)).intoArray(codes, to + 2 * PANEL);
      code = w.lanewise(LSHL, 8).lanewise(ASHR, 24);
      ((FloatVector) code.convert(I2F, 0)).intoArray(codes, to + 2 * PANEL + COUNT);
      code = w.lanewise(LSHL, 16).lanewise(ASHR, 24);
      ((FloatVector) code.convert(I2F, 0)).intoArray(codes, to + 3 * PANEL);
      code = w.lanewise(ASHR, 24);
      ((FloatVector) code.convert(I2F, 0)).intoArray(codes, to + 3 * PANEL + COUNT);
    }
  }
}
