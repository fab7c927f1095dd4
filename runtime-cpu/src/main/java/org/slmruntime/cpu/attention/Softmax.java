package org.slmruntime.cpu.attention;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import org.slmruntime.cpu.vector.Exp;

/** The softmax's parts. Ranges are whole vectors. */
final class Softmax {
  private Softmax() {}

  /** Multiplies all elements and returns the largest; NaN if there is one. */
  static float scaleAndMax(float[] s, int from, int to, float factor, float[] lanes) {
    FloatVector max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    for (int i = from; i < to; i += COUNT) {
      FloatVector x = FloatVector.fromArray(FLOATS, s, i).mul(factor);
      x.intoArray(s, i);
      max = max.max(x);
    }
    max.intoArray(lanes, 0);
    float largest = lanes[0];
    for (int i = 1; i < COUNT; i++) {
      largest = Math.max(largest, lanes[i]);
    }
    return largest;
  }

  /** Turns scores into weights {@code factor * e^(score - max)} and returns their sum / factor. */
  static float weights(float[] s, int from, int to, float max, float factor, float[] lanes) {
    float sum = Exp.expAndSum(s, from, to - from, max, lanes);
    if (factor != 1) {
      for (int i = from; i < to; i++) {
        s[i] *= factor;
      }
    }
    return sum;
  }
}
