package org.slmruntime.tokenizer.chat;

import java.util.List;

/** Goes round its items. */
final class Cycler {
  private final List<Object> items;
  private int position;

  Cycler(List<Object> items) {
    this.items = items;
  }

  Object current() {
    return items.get(position);
  }

  Object next() {
    Object value = current();
    position = (position + 1) % items.size();
    return value;
  }

  void reset() {
    position = 0;
  }
}
