package org.slmruntime.ptx;

/** Where matrix products lie while they are computed. */
final class MatrixScratch {
  final int[] intA = new int[16 * 32];

  /** K rows of 8 columns, two in a number. */
  final long[] pairedB = new long[32 * 4];

  /** Per register of the result, the lanes that are defined. */
  final int[] defined = new int[4];

  final float[] floatA = new float[16 * 16];
  final float[] floatB = new float[16 * 8];

  /** Registers of the result, 32 lanes each. */
  final int[] intD = new int[4 * 32];

  /** The places at which products are added: hardware does not say. */
  final int[] order = new int[16];

  /** Draws an order of k products, the plain one without random numbers. */
  void order(int k, Randomness random) {
    for (int i = 0; i < k; i++) {
      int j = random == null ? i : random.below(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
  }
}
