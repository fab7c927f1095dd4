package org.slmruntime.cpu.attention;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/** One float to a word. */
record F32Elements() implements KvElements {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);

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
    for (int k = 0; k < rows; k++) {
      long row = (long) k * rowBytes;
      FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, s, o0 + row, LE);
      FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, s, o1 + row, LE);
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
    for (int k = 0; k < rows; k++) {
      long row = (long) k * rowBytes;
      int to = at + 2 * COUNT * k;
      FloatVector.fromMemorySegment(FLOATS, s, o0 + row, LE).intoArray(panel, to);
      FloatVector.fromMemorySegment(FLOATS, s, o1 + row, LE).intoArray(panel, to + COUNT);
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
      s.set(FLOAT, offset + (long) i * step, from[at + i]);
    }
  }
}
