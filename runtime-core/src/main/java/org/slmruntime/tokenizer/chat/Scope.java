package org.slmruntime.tokenizer.chat;

import java.util.HashMap;
import java.util.Map;

/** Names of a block and of those around it. */
final class Scope {
  private final Scope outer;
  private final Map<String, Object> names = new HashMap<>();

  Scope(Scope outer) {
    this.outer = outer;
  }

  void set(String name, Object value) {
    names.put(name, value);
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Object value = scope.names.get(name);
      if (value != null || scope.names.containsKey(name)) {
        return value;
      }
    }
    return Undefined.name(name);
  }
}
