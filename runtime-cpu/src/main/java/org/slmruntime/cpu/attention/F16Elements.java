package org.slmruntime.cpu.attention;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;
import static org.slmruntime.cpu.vector.Lanes.INTS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Two halves to a word. The bits of a half, moved to where a float has them, are its value divided
 * by 2^112, even where the half is subnormal. So infinity, and what is too large for a half, reads
 * as 2^16, and NaN as up to 2^17: what is in the cache is finite, whatever was stored; see ADR 11.
 */
record F16Elements() implements KvElements {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);

  /** A float's sign, the lower five bits of its exponent, the upper ten of its mantissa. */
  private static final int HALF = 0x8fffe000;

  /** Half of the missing 2^112 on either side of the product: neither may over- or underflow. */
  @Override
  public float queryFactor() {
    return 0x1p56f;
  }

  @Override
  public float scoreFactor() {
    return 0x1p56f;
  }

  /** Weights are at most 1. */
  @Override
  public float weightFactor() {
    return 0x1p112f;
  }

  @Override
  public void multiply4(
      MemorySegment s,
      long o0,
      long o1,
      int rowBytes,
      int rows,
      float[] x,
      int x0,
      int xStride,
      float[] out,
      int at,
      int outStride) {
    int x1 = x0 + xStride;
    int x2 = x1 + xStride;
    int x3 = x2 + xStride;
    int at1 = at + outStride;
    int at2 = at1 + outStride;
    int at3 = at2 + outStride;
    FloatVector a00 = FloatVector.fromArray(FLOATS, out, at);
    FloatVector a01 = FloatVector.fromArray(FLOATS, out, at + COUNT);
    FloatVector a10 = FloatVector.fromArray(FLOATS, out, at1);
    FloatVector a11 = FloatVector.fromArray(FLOATS, out, at1 + COUNT);
    FloatVector a20 = FloatVector.fromArray(FLOATS, out, at2);
    FloatVector a21 = FloatVector.fromArray(FLOATS, out, at2 + COUNT);
    FloatVector a30 = FloatVector.fromArray(FLOATS, out, at3);
    FloatVector a31 = FloatVector.fromArray(FLOATS, out, at3 + COUNT);
    for (int r = 0; r < rows; r++) {
      long row = (long) r * rowBytes;
      int k = 2 * r;
      IntVector w0 = IntVector.fromMemorySegment(INTS, s, o0 + row, LE);
      IntVector w1 = IntVector.fromMemorySegment(INTS, s, o1 + row, LE);
      FloatVector v0 = w0.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
      FloatVector v1 = w1.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
      FloatVector t = FloatVector.broadcast(FLOATS, x[x0 + k]);
      a00 = v0.fma(t, a00);
      a01 = v1.fma(t, a01);
      t = FloatVector.broadcast(FLOATS, x[x1 + k]);
      a10 = v0.fma(t, a10);
      a11 = v1.fma(t, a11);
      t = FloatVector.broadcast(FLOATS, x[x2 + k]);
      a20 = v0.fma(t, a20);
      a21 = v1.fma(t, a21);
      t = FloatVector.broadcast(FLOATS, x[x3 + k]);
      a30 = v0.fma(t, a30);
      a31 = v1.fma(t, a31);
      v0 = w0.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
      v1 = w1.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
      t = FloatVector.broadcast(FLOATS, x[x0 + k + 1]);
      a00 = v0.fma(t, a00);
      a01 = v1.fma(t, a01);
      t = FloatVector.broadcast(FLOATS, x[x1 + k + 1]);
      a10 = v0.fma(t, a10);
      a11 = v1.fma(t, a11);
      t = FloatVector.broadcast(FLOATS, x[x2 + k + 1]);
      a20 = v0.fma(t, a20);
      a21 = v1.fma(t, a21);
      t = FloatVector.broadcast(FLOATS, x[x3 + k + 1]);
      a30 = v0.fma(t, a30);
      a31 = v1.fma(t, a31);
    }
    a00.intoArray(out, at);
    a01.intoArray(out, at + COUNT);
    a10.intoArray(out, at1);
    a11.intoArray(out, at1 + COUNT);
    a20.intoArray(out, at2);
    a21.intoArray(out, at2 + COUNT);
    a30.intoArray(out, at3);
    a31.intoArray(out, at3 + COUNT);
  }

  @Override
  public void unpack(
      MemorySegment s, long o0, long o1, int rowBytes, int rows, float[] panel, int at) {
    for (int r = 0; r < rows; r++) {
      long row = (long) r * rowBytes;
      int to = at + 4 * COUNT * r;
      IntVector w = IntVector.fromMemorySegment(INTS, s, o0 + row, LE);
      w.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().intoArray(panel, to);
      w = w.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF);
      w.reinterpretAsFloats().intoArray(panel, to + 2 * COUNT);
      w = IntVector.fromMemorySegment(INTS, s, o1 + row, LE);
      w.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().intoArray(panel, to + COUNT);
      w = w.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF);
      w.reinterpretAsFloats().intoArray(panel, to + 3 * COUNT);
    }
  }

  @Override
  public void put(
      float[] from,
      int at,
      int n,
      MemorySegment s,
      long offset,
      int run,
      int step,
      long scaleAt,
      int scaleStep) {
    for (int i = 0; i < n; i++) {
      long to = offset + (long) (i / run) * step + (run - 1 - i % run) * Short.BYTES;
      s.set(SHORT, to, Float.floatToFloat16(from[at + i]));
    }
  }
}
