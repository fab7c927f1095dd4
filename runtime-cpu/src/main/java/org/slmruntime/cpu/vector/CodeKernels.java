package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.B2F;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;
import static org.slmruntime.cpu.vector.Lanes.LANE_BYTES;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/**
 * What is done with unpacked {@link RowScratch}, whatever format they come from. A weight is
 * rounded to float32 before it is used, so that all ways to multiply with it agree to the last bit.
 */
final class CodeKernels {
  private CodeKernels() {}

  /**
   * Two rows times one token; see {@link RowDot#lanes}. Groups of 32 columns take two vectors an
   * iteration. Both loops are in one method, which is then too long to be inlined: together with
   * unpackers it would be too much for C2.
   *
   * @param shift log2 of the columns in a group: 4 or 5
   */
  static void dot(RowScratch c, int shift, float[] x, int n, float[] lanes) {
    byte[] codes = c.codes;
    int row1 = c.rowElements;
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    if (shift == 4) {
      for (int from = 0; from < n; from += 16) {
        int g0 = from >> 4;
        int g1 = c.rowGroups + g0;
        FloatVector d0 = FloatVector.broadcast(FLOATS, c.scales[g0]);
        FloatVector d1 = FloatVector.broadcast(FLOATS, c.scales[g1]);
        FloatVector m0 = FloatVector.broadcast(FLOATS, c.minimums[g0]);
        FloatVector m1 = FloatVector.broadcast(FLOATS, c.minimums[g1]);
        for (int i = from; i < from + 16; i += COUNT) {
          FloatVector t = FloatVector.fromArray(FLOATS, x, i);
          ByteVector b0 = ByteVector.fromArray(LANE_BYTES, codes, i);
          ByteVector b1 = ByteVector.fromArray(LANE_BYTES, codes, row1 + i);
          a0 = ((FloatVector) b0.convertShape(B2F, FLOATS, 0)).fma(d0, m0).fma(t, a0);
          a1 = ((FloatVector) b1.convertShape(B2F, FLOATS, 0)).fma(d1, m1).fma(t, a1);
        }
      }
    } else {
      for (int from = 0; from < n; from += 32) {
        int g0 = from >> 5;
        int g1 = c.rowGroups + g0;
        FloatVector d0 = FloatVector.broadcast(FLOATS, c.scales[g0]);
        FloatVector d1 = FloatVector.broadcast(FLOATS, c.scales[g1]);
        FloatVector m0 = FloatVector.broadcast(FLOATS, c.minimums[g0]);
        FloatVector m1 = FloatVector.broadcast(FLOATS, c.minimums[g1]);
        for (int i = from; i < from + 32; i += 2 * COUNT) {
          FloatVector t = FloatVector.fromArray(FLOATS, x, i);
          ByteVector b0 = ByteVector.fromArray(LANE_BYTES, codes, i);
          ByteVector b1 = ByteVector.fromArray(LANE_BYTES, codes, row1 + i);
          a0 = ((FloatVector) b0.convertShape(B2F, FLOATS, 0)).fma(d0, m0).fma(t, a0);
          a1 = ((FloatVector) b1.convertShape(B2F, FLOATS, 0)).fma(d1, m1).fma(t, a1);
          t = FloatVector.fromArray(FLOATS, x, i + COUNT);
          b0 = ByteVector.fromArray(LANE_BYTES, codes, i + COUNT);
          b1 = ByteVector.fromArray(LANE_BYTES, codes, row1 + i + COUNT);
          a0 = ((FloatVector) b0.convertShape(B2F, FLOATS, 0)).fma(d0, m0).fma(t, a0);
          a1 = ((FloatVector) b1.convertShape(B2F, FLOATS, 0)).fma(d1, m1).fma(t, a1);
        }
      }
    }
    a0.intoArray(lanes, 0);
    a1.intoArray(lanes, COUNT);
  }

  /**
   * Weights of the first row.
   *
   * @param shift log2 of the columns in a group
   */
  static void expand(RowScratch c, int shift, int n, float[] y, int at) {
    for (int i = 0; i < n; i += COUNT) {
      FloatVector d = FloatVector.broadcast(FLOATS, c.scales[i >> shift]);
      FloatVector m = FloatVector.broadcast(FLOATS, c.minimums[i >> shift]);
      ByteVector b = ByteVector.fromArray(LANE_BYTES, c.codes, i);
      ((FloatVector) b.convertShape(B2F, FLOATS, 0)).fma(d, m).intoArray(y, at + i);
    }
  }
}
