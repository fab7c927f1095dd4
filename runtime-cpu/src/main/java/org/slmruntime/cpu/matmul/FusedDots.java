package org.slmruntime.cpu.matmul;

import static org.slmruntime.cpu.vector.Lanes.BYTES;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;
import static org.slmruntime.cpu.vector.Lanes.SHORTS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.cpu.vector.RowDecoders;
import org.slmruntime.tensor.DType;

/** The formats that have a {@link FusedDot}; widths of 8 lanes and more. */
final class FusedDots {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private FusedDots() {}

  /** The fused product of a type, or null to decode to memory first. */
  static FusedDot of(DType type, int columns) {
    if (Lanes.TWO_PARTS || columns % COUNT != 0) {
      return null;
    }
    return switch (type) {
      case F16 -> FusedDots::f16;
      case BF16 -> FusedDots::bf16;
      case Q8_0 -> FusedDots::q8v0;
      case Q4_0 -> FusedDots::q4v0;
      default -> null;
    };
  }

  private static void f16(
      MemorySegment w, long w0, long rowBytes, float[] x, int columns, float[] out, int o) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    long w1 = w0 + rowBytes;
    long w2 = w1 + rowBytes;
    long w3 = w2 + rowBytes;
    for (int i = 0; i < columns; i += COUNT) {
      FloatVector t = FloatVector.fromArray(FLOATS, x, i);
      a0 = RowDecoders.halves(ShortVector.fromMemorySegment(SHORTS, w, w0 + 2L * i, LE)).fma(t, a0);
      a1 = RowDecoders.halves(ShortVector.fromMemorySegment(SHORTS, w, w1 + 2L * i, LE)).fma(t, a1);
      a2 = RowDecoders.halves(ShortVector.fromMemorySegment(SHORTS, w, w2 + 2L * i, LE)).fma(t, a2);
      a3 = RowDecoders.halves(ShortVector.fromMemorySegment(SHORTS, w, w3 + 2L * i, LE)).fma(t, a3);
    }
    store(a0, a1, a2, a3, out, o);
  }

  private static void bf16(
      MemorySegment w, long w0, long rowBytes, float[] x, int columns, float[] out, int o) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    long w1 = w0 + rowBytes;
    long w2 = w1 + rowBytes;
    long w3 = w2 + rowBytes;
    for (int i = 0; i < columns; i += COUNT) {
      FloatVector t = FloatVector.fromArray(FLOATS, x, i);
      a0 = RowDecoders.brains(ShortVector.fromMemorySegment(SHORTS, w, w0 + 2L * i, LE)).fma(t, a0);
      a1 = RowDecoders.brains(ShortVector.fromMemorySegment(SHORTS, w, w1 + 2L * i, LE)).fma(t, a1);
      a2 = RowDecoders.brains(ShortVector.fromMemorySegment(SHORTS, w, w2 + 2L * i, LE)).fma(t, a2);
      a3 = RowDecoders.brains(ShortVector.fromMemorySegment(SHORTS, w, w3 + 2L * i, LE)).fma(t, a3);
    }
    store(a0, a1, a2, a3, out, o);
  }

  private static void q8v0(
      MemorySegment w, long w0, long rowBytes, float[] x, int columns, float[] out, int o) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    long b0 = w0;
    long b1 = b0 + rowBytes;
    long b2 = b1 + rowBytes;
    long b3 = b2 + rowBytes;
    for (int i = 0; i < columns; i += 32) {
      float d0 = RowDecoders.half(w, b0);
      float d1 = RowDecoders.half(w, b1);
      float d2 = RowDecoders.half(w, b2);
      float d3 = RowDecoders.half(w, b3);
      for (int j = 0; j < 32; j += COUNT) {
        FloatVector t = FloatVector.fromArray(FLOATS, x, i + j);
        a0 = bytes(w, b0 + 2 + j).mul(d0).fma(t, a0);
        a1 = bytes(w, b1 + 2 + j).mul(d1).fma(t, a1);
        a2 = bytes(w, b2 + 2 + j).mul(d2).fma(t, a2);
        a3 = bytes(w, b3 + 2 + j).mul(d3).fma(t, a3);
      }
      b0 += 34;
      b1 += 34;
      b2 += 34;
      b3 += 34;
    }
    store(a0, a1, a2, a3, out, o);
  }

  private static FloatVector bytes(MemorySegment w, long at) {
    return RowDecoders.signed(ByteVector.fromMemorySegment(BYTES, w, at, LE), 0);
  }

  private static void q4v0(
      MemorySegment w, long w0, long rowBytes, float[] x, int columns, float[] out, int o) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    long b0 = w0;
    long b1 = b0 + rowBytes;
    long b2 = b1 + rowBytes;
    long b3 = b2 + rowBytes;
    for (int i = 0; i < columns; i += 32) {
      float d0 = RowDecoders.half(w, b0);
      float d1 = RowDecoders.half(w, b1);
      float d2 = RowDecoders.half(w, b2);
      float d3 = RowDecoders.half(w, b3);
      FloatVector m0 = FloatVector.broadcast(FLOATS, -8 * d0);
      FloatVector m1 = FloatVector.broadcast(FLOATS, -8 * d1);
      FloatVector m2 = FloatVector.broadcast(FLOATS, -8 * d2);
      FloatVector m3 = FloatVector.broadcast(FLOATS, -8 * d3);
      for (int j = 0; j < 16; j += COUNT) {
        FloatVector low = FloatVector.fromArray(FLOATS, x, i + j);
        a0 = low(w, b0 + 2 + j, d0, m0).fma(low, a0);
        a1 = low(w, b1 + 2 + j, d1, m1).fma(low, a1);
        a2 = low(w, b2 + 2 + j, d2, m2).fma(low, a2);
        a3 = low(w, b3 + 2 + j, d3, m3).fma(low, a3);
      }
      for (int j = 0; j < 16; j += COUNT) {
        FloatVector high = FloatVector.fromArray(FLOATS, x, i + 16 + j);
        a0 = high(w, b0 + 2 + j, d0, m0).fma(high, a0);
        a1 = high(w, b1 + 2 + j, d1, m1).fma(high, a1);
        a2 = high(w, b2 + 2 + j, d2, m2).fma(high, a2);
        a3 = high(w, b3 + 2 + j, d3, m3).fma(high, a3);
      }
      b0 += 18;
      b1 += 18;
      b2 += 18;
      b3 += 18;
    }
    store(a0, a1, a2, a3, out, o);
  }

  private static FloatVector low(MemorySegment w, long at, float d, FloatVector m) {
    IntVector q = RowDecoders.unsigned(ByteVector.fromMemorySegment(BYTES, w, at, LE), 0);
    return RowDecoders.floats(q.and(15)).fma(FloatVector.broadcast(FLOATS, d), m);
  }

  private static FloatVector high(MemorySegment w, long at, float d, FloatVector m) {
    IntVector q = RowDecoders.unsigned(ByteVector.fromMemorySegment(BYTES, w, at, LE), 0);
    return RowDecoders.floats(q.lanewise(VectorOperators.LSHR, 4))
        .fma(FloatVector.broadcast(FLOATS, d), m);
  }

  private static void store(
      FloatVector a0, FloatVector a1, FloatVector a2, FloatVector a3, float[] out, int o) {
    out[o] = a0.reduceLanes(VectorOperators.ADD);
    out[o + 1] = a1.reduceLanes(VectorOperators.ADD);
    out[o + 2] = a2.reduceLanes(VectorOperators.ADD);
    out[o + 3] = a3.reduceLanes(VectorOperators.ADD);
  }
}
