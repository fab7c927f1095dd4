package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Filters that compare items with each other. */
final class OrderFilters {
  static final Map<String, Filters.Filter> ALL =
      Map.of(
          "sort", OrderFilters::sort,
          "dictsort", OrderFilters::dictSort,
          "unique", OrderFilters::unique,
          "groupby", OrderFilters::groupBy,
          "min", (in, value, arguments) -> extreme(in, "min", value, arguments),
          "max", (in, value, arguments) -> extreme(in, "max", value, arguments));

  /** An item with what it is sorted by. */
  private record Keyed(Object key, Object item) {}

  private OrderFilters() {}

  private static Object fold(RenderState state, Object value, boolean caseSensitive) {
    if (caseSensitive || !(value instanceof String text)) {
      return value;
    }
    state.characters(text.length());
    return PythonStrings.lower(text);
  }

  private static List<Keyed> sorted(
      RenderState state, List<?> items, UnaryOperator<Object> key, boolean reverse) {
    state.objects(items.size());
    List<Keyed> keyed = new ArrayList<>(items.size());
    for (Object item : items) {
      keyed.add(new Keyed(key.apply(item), item));
    }
    Comparator<Keyed> order =
        (a, b) -> {
          int sign = Values.compare(state, "<", a.key(), b.key());
          return sign == 2 ? 0 : reverse ? -sign : sign;
        };
    try {
      keyed.sort(order);
    } catch (IllegalArgumentException _) {
      // With NaN among them.
      throw state.error("the values have no order");
    }
    return keyed;
  }

  private static List<Object> items(List<Keyed> keyed) {
    List<Object> items = new ArrayList<>(keyed.size());
    keyed.forEach(k -> items.add(k.item()));
    return items;
  }

  private static Object sort(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound =
        arguments.bind(state, "sort", "reverse?", "case_sensitive?", "attribute?");
    boolean caseSensitive = bound.flag(1, false);
    List<Attributes> parts = new ArrayList<>();
    if (bound.get(2, null) instanceof String text) {
      PythonStrings.split(text, ",", -1)
          .forEach(part -> parts.add(Attributes.of(state, part, null)));
    } else {
      parts.add(Attributes.of(state, bound.get(2, null), null));
    }
    UnaryOperator<Object> key =
        item -> {
          List<Object> keys = new ArrayList<>(parts.size());
          parts.forEach(part -> keys.add(fold(state, part.get(item), caseSensitive)));
          return keys;
        };
    return items(sorted(state, Values.iterate(state, value), key, bound.flag(0, false)));
  }

  private static Object dictSort(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound =
        arguments.bind(state, "dictsort", "case_sensitive?", "by?", "reverse?");
    String by = bound.text(1, "key");
    if (!by.equals("key") && !by.equals("value")) {
      throw state.error("You can only sort by either \"key\" or \"value\"");
    }
    if (!(value instanceof Map<?, ?> map)) {
      Values.refuseUndefined(state, value);
      throw state.error("dictsort needs a mapping, not " + Values.typeName(value));
    }
    int position = by.equals("key") ? 0 : 1;
    boolean caseSensitive = bound.flag(0, false);
    state.objects(map.size());
    return items(
        sorted(
            state,
            Methods.items(map),
            pair -> fold(state, ((Tuple) pair).get(position), caseSensitive),
            bound.flag(2, false)));
  }

  private static Object unique(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound = arguments.bind(state, "unique", "case_sensitive?", "attribute?");
    Attributes attributes = Attributes.of(state, bound.get(1, null), null);
    boolean caseSensitive = bound.flag(0, false);
    Set<Object> seen = new HashSet<>();
    List<Object> kept = new ArrayList<>();
    for (Object item : Values.iterate(state, value)) {
      state.step();
      if (Values.addTo(state, seen, fold(state, attributes.get(item), caseSensitive))) {
        kept.add(item);
      }
    }
    return new Generator("generator", kept);
  }

  private static Object groupBy(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound =
        arguments.bind(state, "groupby", "attribute", "default?", "case_sensitive?");
    Attributes attributes = Attributes.of(state, bound.get(0), bound.get(1, null));
    boolean caseSensitive = bound.flag(2, false);
    List<Object> groups = new ArrayList<>();
    Object key = null;
    List<Object> members = new ArrayList<>();
    for (Keyed keyed :
        sorted(
            state,
            Values.iterate(state, value),
            item -> fold(state, attributes.get(item), caseSensitive),
            false)) {
      if (!members.isEmpty() && !Values.equal(state, key, keyed.key())) {
        groups.add(new Tuple.Group(attributes.get(members.getFirst()), members));
        members = new ArrayList<>();
      }
      key = keyed.key();
      members.add(keyed.item());
    }
    if (!members.isEmpty()) {
      groups.add(new Tuple.Group(attributes.get(members.getFirst()), members));
    }
    return groups;
  }

  private static Object extreme(
      Interpreter in, String name, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound = arguments.bind(state, name, "case_sensitive?", "attribute?");
    Attributes attributes = Attributes.of(state, bound.get(1, null), null);
    Object best = new Undefined("No aggregated item, sequence was empty.");
    Object bestKey = null;
    boolean first = true;
    String operator = name.equals("min") ? "<" : ">";
    for (Object item : Values.iterate(state, value)) {
      Object key = fold(state, attributes.get(item), bound.flag(0, false));
      if (first || Values.ordered(state, operator, key, bestKey)) {
        best = item;
        bestKey = key;
        first = false;
      }
    }
    return best;
  }
}
