package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The methods of Python's types that Jinja's immutable sandbox lets a template call. */
final class Methods {
  private static final Set<String> LIST_MUTATORS =
      Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");
  private static final Set<String> DICT_MUTATORS =
      Set.of("clear", "pop", "popitem", "setdefault", "update");
  private static final Set<String> DICT = Set.of("get", "items", "keys", "values", "copy");

  private Methods() {}

  /** Whether Python has a method that changes the value. */
  static boolean mutates(Object of, String name) {
    return of instanceof List && !(of instanceof Tuple || of instanceof Range)
        ? LIST_MUTATORS.contains(name)
        : of instanceof Map && DICT_MUTATORS.contains(name);
  }

  static boolean has(Object of, String name) {
    return switch (of) {
      case String _ -> StringMethods.NAMES.contains(name);
      case Map<?, ?> _ -> DICT.contains(name);
      case Tuple _ -> name.equals("index") || name.equals("count");
      case Range _ -> name.equals("index") || name.equals("count");
      case List<?> _ -> name.equals("index") || name.equals("count") || name.equals("copy");
      case Cycler _ -> name.equals("next") || name.equals("reset");
      case Double _ -> name.equals("is_integer");
      case null, default -> false;
    };
  }

  static Object call(Interpreter interpreter, Object of, String name, CallArguments arguments) {
    RenderState state = interpreter.state();
    return switch (of) {
      case String text -> StringMethods.call(interpreter, text, name, arguments);
      case Map<?, ?> map -> dict(state, map, name, arguments);
      case List<?> list -> list(state, list, name, arguments);
      case Cycler cycler -> cycler(state, cycler, name, arguments);
      case Double number -> {
        arguments.bind(state, name);
        yield number == Math.rint(number) && !Double.isInfinite(number);
      }
      case null, default -> throw state.error("no method " + name);
    };
  }

  private static Object cycler(
      RenderState state, Cycler cycler, String name, CallArguments arguments) {
    arguments.bind(state, name);
    if (name.equals("next")) {
      return cycler.next();
    }
    cycler.reset();
    return null;
  }

  private static Object dict(
      RenderState state, Map<?, ?> map, String name, CallArguments arguments) {
    if (name.equals("get")) {
      CallArguments.Bound bound = arguments.bind(state, name, "key", "default?");
      Object key = Values.findKey(state, map, bound.get(0));
      return map.containsKey(key) ? map.get(key) : bound.get(1, null);
    }
    arguments.bind(state, name);
    state.objects(map.size());
    return switch (name) {
      case "items" -> new DictView("dict_items", items(map));
      case "keys" -> new DictView("dict_keys", new ArrayList<>(map.keySet()));
      case "values" -> new DictView("dict_values", new ArrayList<>(map.values()));
      default -> new LinkedHashMap<Object, Object>(map);
    };
  }

  /** Pairs of key and value. */
  static List<Object> items(Map<?, ?> map) {
    List<Object> items = new ArrayList<>(map.size());
    map.forEach((key, value) -> items.add(Tuple.of(key, value)));
    return items;
  }

  private static Object list(
      RenderState state, List<?> list, String name, CallArguments arguments) {
    if (name.equals("copy")) {
      arguments.bind(state, name);
      state.elements(list.size());
      return new ArrayList<Object>(list);
    }
    CallArguments.Bound bound =
        name.equals("count")
            ? arguments.bind(state, name, "value")
            : arguments.bind(state, name, "value", "start?", "stop?");
    boolean counting = name.equals("count");
    int start = counting ? 0 : position(bound.integer(1, 0), list.size());
    int stop = counting ? list.size() : position(bound.integer(2, list.size()), list.size());
    long count = 0;
    for (int i = start; i < stop; i++) {
      state.step();
      if (Values.equal(state, list.get(i), bound.get(0))) {
        if (!counting) {
          return (long) i;
        }
        count++;
      }
    }
    if (counting) {
      return count;
    }
    throw state.error(Text.repr(state, bound.get(0)) + " is not in list");
  }

  /** A start or stop as Python counts it, from the end if negative. */
  static int position(long index, int size) {
    return Math.clamp(index < 0 ? index + size : index, 0, size);
  }
}
