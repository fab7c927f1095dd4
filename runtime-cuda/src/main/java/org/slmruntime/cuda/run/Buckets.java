package org.slmruntime.cuda.run;

/**
 * Classes of decode steps. A recorded step serves all of one class: as many sequences, rounded up
 * to a power of two, and contexts of about the same length.
 */
final class Buckets {
  /** Most sequences of a recorded step. */
  static final int MAX_BATCH = 64;

  /** Parts that the context is split in, by class of length. */
  static final int[] SPLITS = {1, 8, 16, 64, 64, 64};

  static final int MAX_SPLITS = 64;

  /**
   * Longest context of each class: a part has work for a block's four warps at least. The classes
   * of long contexts differ in their block tables only: a step copies tables that are as long as
   * its class, which for the longest is the whole cache.
   */
  private static final int[] CONTEXTS = {64, 512, 4096, 16_384, 65_536, Integer.MAX_VALUE};

  static final int COUNT = 7 * SPLITS.length;

  private Buckets() {}

  /** The power of two that a batch is padded to. */
  static int batch(int sequences) {
    return 1 << batchClass(sequences);
  }

  private static int batchClass(int sequences) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(sequences - 1);
  }

  static int contextClass(int context) {
    int c = 0;
    while (context > CONTEXTS[c]) {
      c++;
    }
    return c;
  }

  /** Longest context of a class, in blocks. */
  static int blocks(int contextClass, int blockTokens) {
    return Math.ceilDiv(CONTEXTS[contextClass], blockTokens);
  }

  /** Dense index of a class of steps. */
  static int index(int sequences, int contextClass) {
    return batchClass(sequences) * SPLITS.length + contextClass;
  }
}
