package org.slmruntime.tokenizer.chat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Evaluated arguments of a call. */
record CallArguments(List<Object> positional, Map<String, Object> named) {
  static final CallArguments NONE = new CallArguments(List.of(), Map.of());

  /** Stands for an argument that was not given, since null is Python's None. */
  private static final Object ABSENT = new Object();

  static CallArguments of(Object... values) {
    return new CallArguments(Arrays.asList(values), Map.of());
  }

  /** The positional arguments from an index on, with the same named ones. */
  CallArguments from(int index) {
    return new CallArguments(
        positional.subList(Math.min(index, positional.size()), positional.size()), named);
  }

  /**
   * Assigns arguments to parameters.
   *
   * @param parameters names; one that ends in ? may be left out
   */
  Bound bind(RenderState state, String function, String... parameters) {
    if (positional.size() > parameters.length) {
      throw state.error(
          function + " takes " + parameters.length + " arguments but got " + positional.size());
    }
    Object[] values = new Object[parameters.length];
    Arrays.fill(values, ABSENT);
    for (int i = 0; i < positional.size(); i++) {
      values[i] = positional.get(i);
    }
    int used = 0;
    for (int i = 0; i < parameters.length; i++) {
      boolean optional = parameters[i].endsWith("?");
      String name =
          optional ? parameters[i].substring(0, parameters[i].length() - 1) : parameters[i];
      if (named.containsKey(name)) {
        if (i < positional.size()) {
          throw state.error(function + " got two values for " + name);
        }
        values[i] = named.get(name);
        used++;
      }
      if (!optional && isAbsent(values[i])) {
        throw state.error(function + " needs the argument " + name);
      }
    }
    if (used < named.size()) {
      throw state.error(function + " got an unknown one among the arguments " + named.keySet());
    }
    return new Bound(state, function, values);
  }

  @SuppressWarnings("ReferenceEquality") // a marker is the same only as itself
  private static boolean isAbsent(Object value) {
    return value == ABSENT;
  }

  /** Arguments by position of their parameter. */
  record Bound(RenderState state, String function, Object[] values) {
    boolean has(int index) {
      return !isAbsent(values[index]);
    }

    /** Whether it was given and is not None. */
    boolean present(int index) {
      return has(index) && values[index] != null;
    }

    Object get(int index, Object otherwise) {
      return has(index) ? values[index] : otherwise;
    }

    Object get(int index) {
      return values[index];
    }

    String text(int index) {
      if (values[index] instanceof String text) {
        return text;
      }
      throw state.error(
          function
              + " needs a str but argument "
              + (index + 1)
              + " is "
              + Values.typeName(values[index]));
    }

    String text(int index, String otherwise) {
      return present(index) ? text(index) : otherwise;
    }

    boolean flag(int index, boolean otherwise) {
      return has(index) ? Values.truth(state, values[index]) : otherwise;
    }

    long integer(int index, long otherwise) {
      return present(index) ? Values.integer(state, values[index]) : otherwise;
    }

    /** An integer cut to the range of int, which is enough where more means the same as most. */
    int clamped(int index, int otherwise) {
      return Math.clamp(integer(index, otherwise), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
  }
}
