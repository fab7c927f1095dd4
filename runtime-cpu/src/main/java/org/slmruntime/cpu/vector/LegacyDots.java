package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;
import static org.slmruntime.cpu.vector.Lanes.LANE_BYTES;
import static org.slmruntime.cpu.vector.Lanes.LANE_WORDS;
import static org.slmruntime.cpu.vector.StoredValues.LE;
import static org.slmruntime.cpu.vector.StoredValues.half;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/** Two rows times a token in formats of 32-element blocks; see {@link RowDot}. */
final class LegacyDots {
  private LegacyDots() {}

  static void q8v0(MemorySegment s, long r0, long r1, float[] x, int n, float[] lanes) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    for (int c = 0; c < n; c += 32) {
      float d0 = half(s, r0);
      float d1 = half(s, r1);
      for (int j = 0; j < 32; j += COUNT) {
        FloatVector t = FloatVector.fromArray(FLOATS, x, c + j);
        ByteVector q0 = ByteVector.fromMemorySegment(LANE_BYTES, s, r0 + 2 + j, LE);
        ByteVector q1 = ByteVector.fromMemorySegment(LANE_BYTES, s, r1 + 2 + j, LE);
        FloatVector w0 = (FloatVector) q0.convertShape(B2F, FLOATS, 0);
        FloatVector w1 = (FloatVector) q1.convertShape(B2F, FLOATS, 0);
        a0 = w0.mul(d0).fma(t, a0);
        a1 = w1.mul(d1).fma(t, a1);
      }
      r0 += 34;
      r1 += 34;
    }
    a0.intoArray(lanes, 0);
    a1.intoArray(lanes, COUNT);
  }

  static void q4v0(MemorySegment s, long r0, long r1, float[] x, int n, float[] lanes) {
    nibbles(s, r0, r1, 18, 0, x, n, lanes);
  }

  static void q4v1(MemorySegment s, long r0, long r1, float[] x, int n, float[] lanes) {
    nibbles(s, r0, r1, 20, 2, x, n, lanes);
  }

  /**
   * Blocks of a scale, a minimum and nibbles.
   *
   * @param minimum where the minimum is; 0 if there is none and codes are relative to 8
   */
  private static void nibbles(
      MemorySegment s,
      long r0,
      long r1,
      int blockBytes,
      int minimum,
      float[] x,
      int n,
      float[] lanes) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    for (int c = 0; c < n; c += 32) {
      float d0 = half(s, r0);
      float d1 = half(s, r1);
      FloatVector e0 = FloatVector.broadcast(FLOATS, d0);
      FloatVector e1 = FloatVector.broadcast(FLOATS, d1);
      FloatVector m0 = FloatVector.broadcast(FLOATS, minimum == 0 ? -8 * d0 : half(s, r0 + 2));
      FloatVector m1 = FloatVector.broadcast(FLOATS, minimum == 0 ? -8 * d1 : half(s, r1 + 2));
      long q0 = r0 + 2 + minimum;
      long q1 = r1 + 2 + minimum;
      for (int j = 0; j < 16; j += COUNT) {
        FloatVector t = FloatVector.fromArray(FLOATS, x, c + j);
        ByteVector b0 = ByteVector.fromMemorySegment(LANE_BYTES, s, q0 + j, LE).and((byte) 15);
        ByteVector b1 = ByteVector.fromMemorySegment(LANE_BYTES, s, q1 + j, LE).and((byte) 15);
        FloatVector w0 = (FloatVector) b0.convertShape(B2F, FLOATS, 0);
        FloatVector w1 = (FloatVector) b1.convertShape(B2F, FLOATS, 0);
        a0 = w0.fma(e0, m0).fma(t, a0);
        a1 = w1.fma(e1, m1).fma(t, a1);
      }
      for (int j = 0; j < 16; j += COUNT) {
        FloatVector t = FloatVector.fromArray(FLOATS, x, c + 16 + j);
        ShortVector h0 = ShortVector.fromMemorySegment(LANE_WORDS, s, q0 + j, LE);
        ShortVector h1 = ShortVector.fromMemorySegment(LANE_WORDS, s, q1 + j, LE);
        h0 = h0.lanewise(LSHR, 4).and((short) 0x0f0f);
        h1 = h1.lanewise(LSHR, 4).and((short) 0x0f0f);
        ByteVector b0 = h0.reinterpretAsBytes();
        ByteVector b1 = h1.reinterpretAsBytes();
        FloatVector w0 = (FloatVector) b0.convertShape(B2F, FLOATS, 0);
        FloatVector w1 = (FloatVector) b1.convertShape(B2F, FLOATS, 0);
        a0 = w0.fma(e0, m0).fma(t, a0);
        a1 = w1.fma(e1, m1).fma(t, a1);
      }
      r0 += blockBytes;
      r1 += blockBytes;
    }
    a0.intoArray(lanes, 0);
    a1.intoArray(lanes, COUNT);
  }
}
