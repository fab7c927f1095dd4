package org.slmruntime.sampling;

import java.util.Arrays;

/**
 * How a token is to be chosen from each output row of a step: top-k, then top-p, then min-p on the
 * probabilities at temperature 1, then the softmax at the temperature, in which a number that the
 * host has drawn picks one. Filled anew for each step and reused. Not thread-safe.
 */
public final class TokenDraws {
  private static final float BELOW_ONE = Math.nextDown(1f);

  private float[] temperatures = new float[8];
  private int[] topKs = new int[8];
  private float[] topPs = new float[8];
  private float[] minPs = new float[8];
  private float[] uniforms = new float[8];
  private int count;

  public void clear() {
    count = 0;
  }

  /** The next row gets its most likely token, the lowest id among equals. */
  public void addGreedy() {
    add(0, 0, 1, 0, 0);
  }

  /**
   * The next row's token is drawn.
   *
   * @param temperature more than 0; with 0 it is greedy
   * @param topK only the k most likely; 0 for all
   * @param topP only the most likely that together reach this probability; 1 for all
   * @param minP only those at least this fraction as likely as the most likely; 0 for all
   * @param uniform a random number in [0, 1): the chosen token is the first, from the most likely
   *     on, with which the probabilities add up to more
   */
  public void add(float temperature, int topK, float topP, float minP, double uniform) {
    if (count == temperatures.length) {
      temperatures = Arrays.copyOf(temperatures, 2 * count);
      topKs = Arrays.copyOf(topKs, 2 * count);
      topPs = Arrays.copyOf(topPs, 2 * count);
      minPs = Arrays.copyOf(minPs, 2 * count);
      uniforms = Arrays.copyOf(uniforms, 2 * count);
    }
    temperatures[count] = temperature;
    topKs[count] = topK;
    topPs[count] = topP;
    minPs[count] = minP;
    // Rounding must not make it 1.
    uniforms[count] = Math.min((float) uniform, BELOW_ONE);
    count++;
  }

  public int count() {
    return count;
  }

  public float temperature(int row) {
    return temperatures[row];
  }

  public int topK(int row) {
    return topKs[row];
  }

  public float topP(int row) {
    return topPs[row];
  }

  public float minP(int row) {
    return minPs[row];
  }

  public float uniform(int row) {
    return uniforms[row];
  }

  /** Whether every row is greedy. */
  public boolean allGreedy() {
    for (int row = 0; row < count; row++) {
      if (temperatures[row] > 0) {
        return false;
      }
    }
    return true;
  }
}
