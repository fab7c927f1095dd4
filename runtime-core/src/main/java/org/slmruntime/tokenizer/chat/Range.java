package org.slmruntime.tokenizer.chat;

import java.util.AbstractList;

/** A Python range; its elements are computed. */
final class Range extends AbstractList<Object> {
  private final long start;
  private final long stop;
  private final long step;
  private final int size;

  /**
   * @param size number of elements, which the caller has checked
   */
  Range(long start, long stop, long step, int size) {
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.size = size;
  }

  @Override
  public Object get(int index) {
    return start + index * step;
  }

  @Override
  public int size() {
    return size;
  }

  String describe() {
    return "range(" + start + ", " + stop + (step == 1 ? "" : ", " + step) + ")";
  }
}
