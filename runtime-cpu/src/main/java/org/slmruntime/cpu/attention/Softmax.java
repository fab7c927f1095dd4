package org.slmruntime.cpu.attention;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import org.slmruntime.cpu.vector.Exp;

/** The softmax's parts. Ranges are whole vectors; factors are powers of two. */
final class Softmax {
  private Softmax() {}

  /** The largest score; NaN if there is one. */
  static float max(float[] s, int from, int to, float[] lanes) {
    FloatVector max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    for (int i = from; i < to; i += COUNT) {
      max = max.max(FloatVector.fromArray(FLOATS, s, i));
    }
    max.intoArray(lanes, 0);
    float largest = lanes[0];
    for (int i = 1; i < COUNT; i++) {
      largest = Math.max(largest, lanes[i]);
    }
    return largest;
  }

  /**
   * Turns scores into weights {@code factor * e^(scale * score - max)}.
   *
   * @return their sum / factor
   */
  static float weights(
      float[] s, int from, int to, float scale, float max, float factor, float[] lanes) {
    return Exp.expAndSum(s, from, to, scale, max, factor, lanes) / factor;
  }
}
