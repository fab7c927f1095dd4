package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import org.slmruntime.tensor.DType;

/**
 * An order of columns for weights of 16 bits, two of which are loaded as one word of 32. A vector
 * of words has {@link #BLOCK} columns: the lower halves of the words are the even ones, the upper
 * halves the odd ones. So that is their order here, block by block.
 *
 * <p>Halves become floats that are {@link Halves#SCALE} times too small; tokens are so much larger
 * instead, once rather than with each weight. Where that would exceed float32, they are scaled by
 * less, and their results by the rest.
 */
public final class WordOrder {
  /** Columns of a vector of words. */
  static final int BLOCK = 2 * COUNT;

  private static final VectorShuffle<Float> EVEN = VectorShuffle.iota(FLOATS, 0, 2, false);
  private static final VectorShuffle<Float> ODD = VectorShuffle.iota(FLOATS, 1, 2, false);
  private static final int MAGNITUDE = 0x7fffffff;

  /** Tokens below 2 to the power of this and one are scaled in full. */
  private static final int LARGEST_EXPONENT = Float.MAX_EXPONENT - Math.getExponent(Halves.SCALE);

  private WordOrder() {}

  /** Whether rows of a matrix, and tokens for it, are in this order. */
  public static boolean isOf(DType type, int columns) {
    return type == DType.F16 && columns % BLOCK == 0;
  }

  /**
   * Brings one token into this order and scales it.
   *
   * @param n elements from {@code from}, a whole number of blocks
   * @return a power of two that its results have to be multiplied with, nearly always 1
   */
  public static float put(float[] x, int from, int n, float[] ordered, int at) {
    int excess = excess(largest(x, from, n));
    put(x, from, n, Math.scalb(Halves.SCALE, -excess), ordered, at);
    return Math.scalb(1f, excess);
  }

  /** The bits of the largest magnitude; those of infinities and NaNs are larger than others. */
  private static int largest(float[] x, int from, int n) {
    IntVector most = IntVector.zero(Lanes.INTS);
    for (int i = 0; i < n; i += COUNT) {
      IntVector bits = FloatVector.fromArray(FLOATS, x, from + i).reinterpretAsInts();
      most = most.max(bits.and(MAGNITUDE));
    }
    return most.reduceLanes(VectorOperators.MAX);
  }

  private static int excess(int magnitude) {
    int exponent = Math.getExponent(Float.intBitsToFloat(magnitude));
    return Math.max(0, Math.min(exponent, Float.MAX_EXPONENT) - LARGEST_EXPONENT);
  }

  private static void put(float[] x, int from, int n, float scale, float[] ordered, int at) {
    for (int i = 0; i < n; i += BLOCK) {
      FloatVector a = FloatVector.fromArray(FLOATS, x, from + i).mul(scale);
      FloatVector b = FloatVector.fromArray(FLOATS, x, from + i + COUNT).mul(scale);
      a.rearrange(EVEN, b).intoArray(ordered, at + i);
      a.rearrange(ODD, b).intoArray(ordered, at + i + COUNT);
    }
  }
}
