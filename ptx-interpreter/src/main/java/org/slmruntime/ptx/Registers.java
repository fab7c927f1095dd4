package org.slmruntime.ptx;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** Register declarations by block: inline assembly declares names in a block of its own. */
final class Registers {
  private record Scope(int id, Map<String, Type> names, Map<String, Type> prefixes) {}

  private final Deque<Scope> scopes = new ArrayDeque<>();
  private int next;

  void enter() {
    scopes.push(new Scope(next++, new HashMap<>(), new HashMap<>()));
  }

  void leave() {
    scopes.pop();
  }

  boolean isEmpty() {
    return scopes.isEmpty();
  }

  void declare(String name, Type type) {
    scopes.element().names().put(name, type);
  }

  /** Declares prefix0, prefix1, ... */
  void declareMany(String prefix, Type type) {
    scopes.element().prefixes().put(prefix, type);
  }

  /** The register of a name, null if none was declared. */
  Operand.Register find(String name) {
    int end = name.length();
    while (end > 0 && Character.isDigit(name.charAt(end - 1))) {
      end--;
    }
    String prefix = name.substring(0, end);
    for (Scope scope : scopes) {
      Type type = scope.names().get(name);
      if (type == null && end < name.length()) {
        type = scope.prefixes().get(prefix);
      }
      if (type != null) {
        return new Operand.Register(scope.id() + ":" + name, type);
      }
    }
    return null;
  }
}
