package org.slmruntime.sampling;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** How often each token occurred among the last few. */
final class History {
  /** Sees a token and its count. */
  interface Visitor {
    void visit(int token, int count);
  }

  private final int window;
  private final ArrayDeque<Integer> tokens = new ArrayDeque<>();
  private final Map<Integer, Integer> counts = new HashMap<>();

  History(int window) {
    this.window = window;
  }

  void add(int token) {
    if (window == 0) {
      return;
    }
    if (tokens.size() == window) {
      counts.computeIfPresent(tokens.removeFirst(), (_, count) -> count == 1 ? null : count - 1);
    }
    tokens.addLast(token);
    counts.merge(token, 1, Integer::sum);
  }

  void forEach(Visitor visitor) {
    counts.forEach(visitor::visit);
  }
}
