package org.slmruntime.cuda.driver;

import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/** What a driver gave out and did not get back, so that closing it leaks nothing. */
final class OwnedHandles {
  /** In the order in which they are given back. */
  enum Kind {
    GRAPH,
    EVENT,
    STREAM,
    MODULE,
    MEMORY
  }

  private final Map<Kind, Set<Long>> owned = new EnumMap<>(Kind.class);

  OwnedHandles() {
    for (Kind kind : Kind.values()) {
      owned.put(kind, new LinkedHashSet<>());
    }
  }

  long add(Kind kind, long handle) {
    owned.get(kind).add(handle);
    return handle;
  }

  /**
   * @throws IllegalArgumentException if the driver did not give it out, or has it back already
   */
  void remove(Kind kind, long handle) {
    if (!owned.get(kind).remove(handle)) {
      throw new IllegalArgumentException(
          "%#x is no %s of this driver"
              .formatted(handle, kind.name().toLowerCase(java.util.Locale.ROOT)));
    }
  }

  /** Hands everything of a kind to an action and forgets it. */
  void drain(Kind kind, LongConsumer giveBack) {
    Set<Long> left = owned.get(kind);
    left.forEach(giveBack::accept);
    left.clear();
  }
}
