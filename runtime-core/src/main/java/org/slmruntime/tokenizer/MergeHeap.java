package org.slmruntime.tokenizer;

import java.util.Arrays;

/** A binary min-heap of longs: the priority of a merge above, its position below. */
final class MergeHeap {
  private long[] items;
  private int size;

  MergeHeap(int expected) {
    items = new long[Math.max(8, expected)];
  }

  void push(int priority, int position) {
    if (size == items.length) {
      items = Arrays.copyOf(items, 2 * size);
    }
    long item = (long) priority << 32 | position;
    int at = size++;
    while (at > 0 && items[at - 1 >> 1] > item) {
      items[at] = items[at - 1 >> 1];
      at = at - 1 >> 1;
    }
    items[at] = item;
  }

  boolean isEmpty() {
    return size == 0;
  }

  long pop() {
    long top = items[0];
    long item = items[--size];
    int at = 0;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && items[child + 1] < items[child]) {
        child++;
      }
      if (items[child] >= item) {
        break;
      }
      items[at] = items[child];
      at = child;
    }
    items[at] = item;
    return top;
  }

  static int priority(long item) {
    return (int) (item >> 32);
  }

  static int position(long item) {
    return (int) item;
  }
}
