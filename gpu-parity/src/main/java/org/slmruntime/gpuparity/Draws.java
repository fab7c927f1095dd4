package org.slmruntime.gpuparity;

import java.util.random.RandomGenerator;

/** Random inputs. */
final class Draws {
  private Draws() {}

  static float[] normal(int count, double deviation, RandomGenerator random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  /** Weights of a norm: around one. */
  static float[] norm(int count, RandomGenerator random) {
    float[] values = normal(count, 0.2, random);
    for (int i = 0; i < count; i++) {
      values[i] += 1;
    }
    return values;
  }

  static int[] range(int first, int count) {
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = first + i;
    }
    return values;
  }
}
