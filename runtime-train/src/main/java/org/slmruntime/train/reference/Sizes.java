package org.slmruntime.train.reference;

import org.slmruntime.train.TrainException;

/** How many elements a matrix has. */
final class Sizes {
  /** The longest array that every JVM can make. */
  private static final int MAX = Integer.MAX_VALUE - 8;

  private Sizes() {}

  /**
   * @throws TrainException if no array can hold so many
   */
  static int elements(String what, int rows, int width) {
    long elements = (long) rows * width;
    if (elements > MAX) {
      throw new TrainException(
          what + " of " + rows + " rows and width " + width + " is too large for one array");
    }
    return (int) elements;
  }
}
