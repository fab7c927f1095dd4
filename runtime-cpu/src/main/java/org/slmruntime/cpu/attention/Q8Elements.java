package org.slmruntime.cpu.attention;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
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
 * Four signed bytes to a word; each 32 elements of a position share a scale, see {@link Scales}.
 * With an infinity or NaN among them they read as zeros; see ADR 11.
 */
record Q8Elements() implements KvElements {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);

  /** Largest code. */
  private static final int LARGEST = 127;

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
      IntVector w0 = IntVector.fromMemorySegment(INTS, s, o0 + row, LE);
      IntVector w1 = IntVector.fromMemorySegment(INTS, s, o1 + row, LE);
      int k = 4 * r;
      FloatVector v0 = (FloatVector) w0.lanewise(ASHR, 24).convert(I2F, 0);
      FloatVector v1 = (FloatVector) w1.lanewise(ASHR, 24).convert(I2F, 0);
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
      v0 = (FloatVector) w0.lanewise(LSHL, 8).lanewise(ASHR, 24).convert(I2F, 0);
      v1 = (FloatVector) w1.lanewise(LSHL, 8).lanewise(ASHR, 24).convert(I2F, 0);
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
      v0 = (FloatVector) w0.lanewise(LSHL, 16).lanewise(ASHR, 24).convert(I2F, 0);
      v1 = (FloatVector) w1.lanewise(LSHL, 16).lanewise(ASHR, 24).convert(I2F, 0);
      t = FloatVector.broadcast(FLOATS, x[x0 + k + 2]);
      a00 = v0.fma(t, a00);
      a01 = v1.fma(t, a01);
      t = FloatVector.broadcast(FLOATS, x[x1 + k + 2]);
      a10 = v0.fma(t, a10);
      a11 = v1.fma(t, a11);
      t = FloatVector.broadcast(FLOATS, x[x2 + k + 2]);
      a20 = v0.fma(t, a20);
      a21 = v1.fma(t, a21);
      t = FloatVector.broadcast(FLOATS, x[x3 + k + 2]);
      a30 = v0.fma(t, a30);
      a31 = v1.fma(t, a31);
      v0 = (FloatVector) w0.lanewise(LSHL, 24).lanewise(ASHR, 24).convert(I2F, 0);
      v1 = (FloatVector) w1.lanewise(LSHL, 24).lanewise(ASHR, 24).convert(I2F, 0);
      t = FloatVector.broadcast(FLOATS, x[x0 + k + 3]);
      a00 = v0.fma(t, a00);
      a01 = v1.fma(t, a01);
      t = FloatVector.broadcast(FLOATS, x[x1 + k + 3]);
      a10 = v0.fma(t, a10);
      a11 = v1.fma(t, a11);
      t = FloatVector.broadcast(FLOATS, x[x2 + k + 3]);
      a20 = v0.fma(t, a20);
      a21 = v1.fma(t, a21);
      t = FloatVector.broadcast(FLOATS, x[x3 + k + 3]);
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
    unpack(s, o0, rowBytes, rows, Integer.BYTES, panel, at);
    unpack(s, o1, rowBytes, rows, Integer.BYTES, panel, at + COUNT);
  }

  private static void unpack(
      MemorySegment s, long offset, int rowBytes, int rows, int bytes, float[] panel, int at) {
    for (int r = 0; r < rows; r++) {
      IntVector w = IntVector.fromMemorySegment(INTS, s, offset + (long) r * rowBytes, LE);
      int end = (r + 1) * bytes;
      for (int k = r * bytes; k < end; k++) {
        ((FloatVector) w.lanewise(ASHR, 24).convert(I2F, 0)).intoArray(panel, at + 2 * COUNT * k);
        w = w.lanewise(LSHL, 8);
      }
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
    for (int first = 0; first < n; first += KvLayout.SCALED) {
      int count = Math.min(n - first, KvLayout.SCALED);
      float scale = largest(from, at + first, count) / LARGEST;
      float inverse = scale == 0 ? 0 : 1 / scale;
      s.set(
          SHORT,
          scaleAt + (long) (first / KvLayout.SCALED) * scaleStep,
          Float.floatToFloat16(scale));
      for (int i = first; i < first + count; i++) {
        long to = offset + (long) (i / run) * step + (run - 1 - i % run);
        s.set(ValueLayout.JAVA_BYTE, to, (byte) roundHalfAway(from[at + i] * inverse));
      }
    }
  }

  private static float largest(float[] x, int at, int n) {
    float largest = 0;
    for (int i = at; i < at + n; i++) {
      largest = Math.max(largest, Math.abs(x[i]));
    }
    return largest;
  }

  /** As the format's own encoder rounds. */
  private static int roundHalfAway(float x) {
    return (int) (x < 0 ? x - 0.5 : x + 0.5);
  }
}
