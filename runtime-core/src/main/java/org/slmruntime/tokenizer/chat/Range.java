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

  /** The elements at {@code from, from + stride ...} before {@code to}, {@code count} of them. */
  Range slice(int from, int to, int stride, int count) {
    return new Range(start + from * step, start + to * step, stride * step, count);
  }

  String describe() {
    return "range(" + start + ", " + stop + (step == 1 ? "" : ", " + step) + ")";
  }
}
