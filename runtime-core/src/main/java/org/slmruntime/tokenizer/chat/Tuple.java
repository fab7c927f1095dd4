package org.slmruntime.tokenizer.chat;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;

/** A Python tuple; as a list it cannot be changed. */
class Tuple extends AbstractList<Object> {
  private final List<Object> items;

  Tuple(List<Object> items) {
    this.items = items;
  }

  static Tuple of(Object first, Object second) {
    return new Tuple(Arrays.asList(first, second));
  }

  @Override
  public Object get(int index) {
    return items.get(index);
  }

  @Override
  public int size() {
    return items.size();
  }

  /** What groupby makes: also has its parts as attributes. */
  static final class Group extends Tuple {
    Group(Object grouper, List<Object> members) {
      super(Arrays.asList(grouper, members));
    }
  }
}
