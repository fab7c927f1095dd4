package org.slmruntime.gpuparity;

import java.util.List;

/**
 * How large what is measured is.
 *
 * @param copyBytes of the copy that shows the memory's bandwidth
 * @param coldBytes how much memory is read in turn so that no cache holds it
 * @param matrices rows and columns of products with few tokens
 * @param vocabulary of sampling
 * @param tokens of prefill
 * @param contexts of attention token by token
 * @param nodes launches in a row
 * @param repeats of each measurement, of which the median counts
 */
record Sizes(
    long copyBytes,
    long coldBytes,
    List<Shape> matrices,
    int vocabulary,
    int tokens,
    List<Integer> contexts,
    int nodes,
    int repeats) {
  /** A matrix. */
  record Shape(int rows, int columns) {
    @Override
    public String toString() {
      return rows + " x " + columns;
    }
  }

  /** What language models of 0.5 to 8 billion parameters have. */
  static Sizes models() {
    return new Sizes(
        1L << 30,
        512L << 20,
        List.of(
            new Shape(2048, 2048),
            new Shape(8192, 2048),
            new Shape(4096, 4096),
            new Shape(14336, 4096),
            new Shape(4096, 14336)),
        128_256,
        512,
        List.of(1024, 8192, 32_768),
        200,
        9);
  }

  /** As little as shows that everything runs. */
  static Sizes tiny() {
    return new Sizes(4096, 0, List.of(new Shape(66, 256)), 300, 9, List.of(20), 3, 1);
  }
}
