package org.slmruntime.kernels;

import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;

/**
 * Rotary positions by their definition.
 *
 * @param angles [tokens][pairs] of (cos, sin)
 * @param pairing 0: (i, i + pairs), 1: (2i, 2i + 1)
 */
record Rotation(float[] angles, int pairs, int pairing) {
  /** Random turns with a magnitude of 1.25; never empty, as nothing empty can be uploaded. */
  static float[] angles(SplittableRandom random, int tokens, int pairs) {
    float[] angles = new float[Math.max(2, 2 * tokens * pairs)];
    for (int i = 0; i < angles.length; i += 2) {
      double angle = 7 * random.nextDouble();
      angles[i] = (float) (1.25 * Math.cos(angle));
      angles[i + 1] = (float) (1.25 * Math.sin(angle));
    }
    return angles;
  }

  /** Element i of a token's rotated head. */
  double at(int token, int i, IntToDoubleFunction head) {
    if (i >= 2 * pairs) {
      return head.applyAsDouble(i);
    }
    boolean second = pairing == 0 ? i >= pairs : i % 2 == 1;
    int pair = pairing == 0 ? i % pairs : i / 2;
    int distance = pairing == 0 ? pairs : 1;
    float cos = angles[2 * (token * pairs + pair)];
    float sin = angles[2 * (token * pairs + pair) + 1];
    return second
        ? head.applyAsDouble(i - distance) * sin + head.applyAsDouble(i) * cos
        : head.applyAsDouble(i) * cos - head.applyAsDouble(i + distance) * sin;
  }
}
