package org.slmruntime.cpu.packed;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.slmruntime.cpu.packed.Panels.COUNT;
import static org.slmruntime.cpu.packed.Panels.INTS;
import static org.slmruntime.cpu.packed.Panels.LE;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Expands packed codes of 8 bits to float32, [column][row], for {@link FloatSums}. */
final class FloatUnpacker {
  private FloatUnpacker() {}

  /**
   * A word is two columns of an even and an odd row; lower columns are stored unsigned.
   *
   * @param at where the codes begin
   * @param n columns
   */
  static void unpack(MemorySegment s, long at, int n, float[] codes) {
    int values = n / 2;
    for (int i = 0; i < values; i++) {
      long from = at + (long) i * VECTOR_BYTES;
      IntVector z = IntVector.fromMemorySegment(INTS, s, from, LE);
      z = z.lanewise(XOR, 0x00800080);
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
}
