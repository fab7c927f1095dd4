package org.slmruntime.tokenizer.chat;

import java.util.List;

/** What Jinja's filters give as a Python generator: gone through once, without length or index. */
final class Generator {
  private final String kind;
  private final List<Object> items;
  private int position;

  Generator(String kind, List<Object> items) {
    this.kind = kind;
    this.items = items;
  }

  String kind() {
    return kind;
  }

  boolean hasNext() {
    return position < items.size();
  }

  Object next() {
    return items.get(position++);
  }

  /** All that is left. */
  List<Object> take() {
    List<Object> rest = items.subList(position, items.size());
    position = items.size();
    return rest;
  }
}
