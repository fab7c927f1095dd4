package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;

/** What a filter's argument {@code attribute} says to take of each item, as {@code a.b.0}. */
record Attributes(RenderState state, List<Object> path, Object otherwise) {
  /**
   * @param attribute a text with dots, an integer, or null for the item itself
   * @param otherwise in place of what is not there; null for the undefined value
   */
  static Attributes of(RenderState state, Object attribute, Object otherwise) {
    List<Object> path = new ArrayList<>();
    if (attribute instanceof String text) {
      for (Object part : PythonStrings.split(text, ".", -1)) {
        String name = (String) part;
        boolean index =
            !name.isEmpty()
                && name.length() < 10
                && name.chars().allMatch(c -> c >= '0' && c <= '9');
        path.add(index ? (Object) Long.parseLong(name) : name);
      }
    } else if (attribute != null) {
      path.add(attribute);
    }
    state.elements(path.size());
    return new Attributes(state, path, otherwise);
  }

  Object get(Object item) {
    Object value = item;
    for (Object part : path) {
      state.step();
      value = Access.item(state, value, part);
      if (otherwise != null && value instanceof Undefined) {
        value = otherwise;
      }
    }
    return value;
  }
}
