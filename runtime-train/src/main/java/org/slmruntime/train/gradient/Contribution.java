package org.slmruntime.train.gradient;

import org.slmruntime.graph.Value;

/**
 * One of the terms of which a value's gradient is the sum: one for each use of the value.
 *
 * @param input the value
 * @param adds false for the first term to be computed, which becomes the gradient (all of it: rows
 *     that are not touched are zero); true for those that are added to it
 */
public record Contribution(Value input, boolean adds) {
  @Override
  public String toString() {
    return "d" + input + (adds ? " +=" : " =");
  }
}
