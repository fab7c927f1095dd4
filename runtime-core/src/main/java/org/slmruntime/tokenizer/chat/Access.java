package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Attributes, items and slices, as Jinja's immutable sandbox allows them. */
final class Access {
  private static final Object NONE_SUCH = new Object();

  private Access() {}

  /** {@code of.name}: what Python calls an attribute first, then a key. */
  static Object attribute(RenderState state, Object of, String name) {
    Values.refuseUndefined(state, of);
    Object own = ownAttribute(of, name);
    if (!Values.same(own, NONE_SUCH)) {
      return own;
    }
    if (of instanceof Namespace space && space.attributes().containsKey(name)) {
      return space.attributes().get(name);
    }
    if (of instanceof Loop loop && loop.has(name)) {
      return loop.attribute(state, name);
    }
    if (of instanceof Map<?, ?> map && map.containsKey(name)) {
      return map.get(name);
    }
    return missing(state, of, name);
  }

  /** {@code of[key]}: an item first, then an attribute. */
  static Object item(RenderState state, Object of, Object key) {
    Values.refuseUndefined(state, of);
    if (of instanceof Map<?, ?> map) {
      boolean hashable = !(key instanceof List<?> && !(key instanceof Tuple) || key instanceof Map);
      Object stored = hashable ? Values.findKey(state, map, key) : key;
      if (hashable && map.containsKey(stored)) {
        return map.get(stored);
      }
    } else if (Values.isInteger(key)) {
      long index = Values.integer(state, key);
      if (of instanceof List<?> list) {
        long at = index < 0 ? index + list.size() : index;
        if (at >= 0 && at < list.size()) {
          return list.get((int) at);
        }
      } else if (of instanceof String text) {
        String found = character(state, text, index);
        if (found != null) {
          return found;
        }
      }
    }
    if (key instanceof String name) {
      Object own = ownAttribute(of, name);
      if (!Values.same(own, NONE_SUCH)) {
        return own;
      }
      if (of instanceof Namespace || of instanceof Loop) {
        return attribute(state, of, name);
      }
    }
    return missing(state, of, key);
  }

  private static String character(RenderState state, String text, long index) {
    state.characters(text.length());
    int length = PythonStrings.length(text);
    long at = index < 0 ? index + length : index;
    if (at < 0 || at >= length) {
      return null;
    }
    return Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) at)));
  }

  /** A method, or what stands for one that the sandbox refuses; else {@link #NONE_SUCH}. */
  private static Object ownAttribute(Object of, String name) {
    if (name.startsWith("__") && name.endsWith("__") || Methods.mutates(of, name)) {
      return new Undefined(
          "access to attribute '" + name + "' of '" + Values.typeName(of) + "' object is unsafe.");
    }
    if (Methods.has(of, name)) {
      return new BoundMethod(of, name);
    }
    return switch (of) {
      case Tuple.Group group when name.equals("grouper") -> group.get(0);
      case Tuple.Group group when name.equals("list") -> group.get(1);
      case Macro macro when name.equals("name") -> macro.name();
      case Cycler cycler when name.equals("current") -> cycler.current();
      case null, default -> NONE_SUCH;
    };
  }

  private static Undefined missing(RenderState state, Object of, Object key) {
    String type =
        switch (of) {
          case null -> "None";
          case Namespace _ -> "jinja2.utils.Namespace object";
          case Loop _ -> "jinja2.runtime.LoopContext object";
          case Macro _ -> "jinja2.runtime.Macro object";
          default -> Values.typeName(of) + " object";
        };
    return new Undefined(
        key instanceof String name
            ? "'" + type + "' has no attribute " + Text.repr(state, name)
            : type + " has no element " + Text.repr(state, key));
  }

  /** {@code of[start:stop:step]}; bounds may be null. */
  static Object slice(RenderState state, Object of, Object start, Object stop, Object step) {
    Values.refuseUndefined(state, of, start, stop, step);
    if (of instanceof String text) {
      return sliceText(state, text, start, stop, step);
    }
    if (!(of instanceof List<?> list)) {
      return missing(state, of, "slice");
    }
    Span span = span(state, list.size(), start, stop, step);
    if (of instanceof Range range) {
      return range.slice(span.start(), span.stop(), span.stride(), span.count());
    }
    List<Object> part = new ArrayList<>(span.count());
    for (int i = 0; i < span.count(); i++) {
      part.add(list.get(span.index(i)));
    }
    return of instanceof Tuple ? new Tuple(part) : part;
  }

  private static String sliceText(
      RenderState state, String text, Object start, Object stop, Object step) {
    state.characters(text.length());
    int length = PythonStrings.length(text);
    if (step == null || step.equals(1L)) {
      int from = bound(state, start, 0, length, 0, length);
      int to = Math.max(from, bound(state, stop, length, length, 0, length));
      int first = text.offsetByCodePoints(0, from);
      return text.substring(first, text.offsetByCodePoints(first, to - from));
    }
    state.elements(length);
    int[] points = text.codePoints().toArray();
    StringBuilder out = new StringBuilder();
    Span span = span(state, length, start, stop, step);
    for (int i = 0; i < span.count(); i++) {
      out.appendCodePoint(points[span.index(i)]);
    }
    return out.toString();
  }

  /** The indices start, start + stride ... before stop; stop may be -1. */
  private record Span(int start, int stop, int stride, int count) {
    int index(int i) {
      return start + i * stride;
    }
  }

  private static Span span(
      RenderState state, int size, Object startOrNull, Object stopOrNull, Object stepOrNull) {
    long step = stepOrNull == null ? 1 : Values.integer(state, stepOrNull);
    if (step == 0) {
      throw state.error("slice step cannot be zero");
    }
    // One step past either end is as good as many.
    int stride = Math.clamp(step, -size - 1, size + 1);
    boolean forward = stride > 0;
    int low = forward ? 0 : -1;
    int high = forward ? size : size - 1;
    int start = bound(state, startOrNull, forward ? low : high, size, low, high);
    int stop = bound(state, stopOrNull, forward ? high : low, size, low, high);
    int distance = forward ? stop - start : start - stop;
    int count = distance <= 0 ? 0 : (distance - 1) / Math.abs(stride) + 1;
    state.elements(count);
    return new Span(start, stop, stride, count);
  }

  private static int bound(
      RenderState state, Object value, int otherwise, int size, int low, int high) {
    if (value == null) {
      return otherwise;
    }
    long index = Values.integer(state, value);
    return Math.clamp(index < 0 ? index + size : index, low, high);
  }
}
