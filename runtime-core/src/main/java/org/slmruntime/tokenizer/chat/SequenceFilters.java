package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Filters on anything with elements. */
final class SequenceFilters {
  static final Map<String, Filters.Filter> ALL =
      Map.ofEntries(
          Map.entry("first", SequenceFilters::first),
          Map.entry("last", SequenceFilters::last),
          Map.entry("length", SequenceFilters::length),
          Map.entry("count", SequenceFilters::length),
          Map.entry("list", SequenceFilters::list),
          Map.entry("reverse", SequenceFilters::reverse),
          Map.entry("join", SequenceFilters::join),
          Map.entry("items", SequenceFilters::items),
          Map.entry("batch", SequenceFilters::batch),
          Map.entry("slice", SequenceFilters::slice),
          Map.entry("map", SequenceFilters::map),
          Map.entry("select", (in, value, a) -> select(in, "select", value, a, false, true)),
          Map.entry("reject", (in, value, a) -> select(in, "reject", value, a, false, false)),
          Map.entry("selectattr", (in, value, a) -> select(in, "selectattr", value, a, true, true)),
          Map.entry(
              "rejectattr", (in, value, a) -> select(in, "rejectattr", value, a, true, false)));

  private SequenceFilters() {}

  private static Object first(Interpreter in, Object value, CallArguments arguments) {
    arguments.bind(in.state(), "first");
    if (value instanceof Generator generator && generator.hasNext()) {
      return generator.next();
    }
    if (value instanceof String text && !text.isEmpty()) {
      return text.substring(0, text.offsetByCodePoints(0, 1));
    }
    List<Object> items = Values.iterate(in.state(), value);
    return items.isEmpty() ? new Undefined("No first item, sequence was empty.") : items.getFirst();
  }

  private static Object last(Interpreter in, Object value, CallArguments arguments) {
    arguments.bind(in.state(), "last");
    if (value instanceof Generator generator) {
      throw in.state().error("'" + generator.kind() + "' object is not reversible");
    }
    List<Object> items = Values.iterate(in.state(), value);
    return items.isEmpty() ? new Undefined("No last item, sequence was empty.") : items.getLast();
  }

  private static Object length(Interpreter in, Object value, CallArguments arguments) {
    arguments.bind(in.state(), "length");
    return Values.length(in.state(), value);
  }

  private static Object list(Interpreter in, Object value, CallArguments arguments) {
    arguments.bind(in.state(), "list");
    List<Object> items = Values.iterate(in.state(), value);
    in.state().elements(items.size());
    return new ArrayList<>(items);
  }

  private static Object reverse(Interpreter in, Object value, CallArguments arguments) {
    arguments.bind(in.state(), "reverse");
    List<Object> items = Values.iterate(in.state(), value);
    in.state().elements(items.size());
    if (value instanceof String) {
      StringBuilder out = new StringBuilder();
      items.reversed().forEach(out::append);
      return out.toString();
    }
    return new Generator("list_reverseiterator", new ArrayList<>(items.reversed()));
  }

  private static Object join(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound = arguments.bind(state, "join", "d?", "attribute?");
    Attributes attributes = Attributes.of(state, bound.get(1, null), null);
    List<String> parts = new ArrayList<>();
    for (Object item : Values.iterate(state, value)) {
      state.step();
      parts.add(Text.str(state, attributes.get(item)));
    }
    return StringMethods.join(state, Text.str(state, bound.get(0, "")), parts);
  }

  private static Object items(Interpreter in, Object value, CallArguments arguments) {
    arguments.bind(in.state(), "items");
    if (value instanceof Undefined) {
      return new Generator("generator", List.of());
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw in.state().error("Can only get item pairs from a mapping.");
    }
    in.state().objects(map.size());
    return new Generator("generator", Methods.items(map));
  }

  private static Object batch(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound = arguments.bind(state, "batch", "linecount", "fill_with?");
    long size = Values.integer(state, bound.get(0));
    List<Object> batches = new ArrayList<>();
    List<Object> current = new ArrayList<>();
    for (Object item : Values.iterate(state, value)) {
      state.step();
      if (current.size() == size) {
        batches.add(current);
        current = new ArrayList<>();
      }
      current.add(item);
    }
    if (!current.isEmpty()) {
      if (bound.present(1)) {
        fill(state, current, size - current.size(), bound.get(1));
      }
      batches.add(current);
    }
    return new Generator("generator", batches);
  }

  private static void fill(RenderState state, List<Object> list, long count, Object with) {
    state.elements(Math.max(0, count));
    for (long i = 0; i < count; i++) {
      list.add(with);
    }
  }

  private static Object slice(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound = arguments.bind(state, "slice", "slices", "fill_with?");
    List<Object> items = Values.iterate(state, value);
    long slices = Values.integer(state, bound.get(0));
    if (slices == 0) {
      throw state.error("division by zero");
    }
    state.elements(Math.max(0, slices) + items.size());
    List<Object> parts = new ArrayList<>();
    int position = 0;
    for (long i = 0; i < slices; i++) {
      boolean extra = i < items.size() % slices;
      int end = position + (int) (items.size() / slices) + (extra ? 1 : 0);
      List<Object> part = new ArrayList<>(items.subList(position, end));
      if (bound.present(1) && !extra) {
        part.add(bound.get(1));
      }
      parts.add(part);
      position = end;
    }
    return new Generator("generator", parts);
  }

  private static Object map(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    List<Object> mapped = new ArrayList<>();
    if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
      CallArguments.Bound bound = arguments.bind(state, "map", "attribute", "default?");
      Attributes attributes = Attributes.of(state, bound.get(0), bound.get(1, null));
      for (Object item : items(state, value)) {
        state.step();
        mapped.add(attributes.get(item));
      }
      return new Generator("generator", mapped);
    }
    String name = name(state, "map", arguments, 0);
    for (Object item : items(state, value)) {
      state.enterCall();
      mapped.add(in.filter(name, item, arguments.from(1)));
      state.leaveCall();
    }
    return new Generator("generator", mapped);
  }

  /** None and what else is false has no items, where other filters refuse it. */
  private static Iterable<?> items(RenderState state, Object value) {
    return Values.truth(state, value) ? Values.iterate(state, value) : List.of();
  }

  private static String name(
      RenderState state, String filter, CallArguments arguments, int position) {
    if (arguments.positional().size() > position
        && arguments.positional().get(position) instanceof String name) {
      return name;
    }
    throw state.error(filter + " needs the name of a filter or test");
  }

  private static Object select(
      Interpreter in,
      String filter,
      Object value,
      CallArguments arguments,
      boolean byAttribute,
      boolean keep) {
    RenderState state = in.state();
    int offset = byAttribute ? 1 : 0;
    if (arguments.positional().size() < offset) {
      throw state.error("Missing parameter for attribute name");
    }
    Attributes attributes =
        Attributes.of(state, byAttribute ? arguments.positional().getFirst() : null, null);
    boolean plain = arguments.positional().size() == offset;
    String test = plain ? "" : name(state, filter, arguments, offset);
    List<Object> kept = new ArrayList<>();
    for (Object item : items(state, value)) {
      state.step();
      Object part = attributes.get(item);
      boolean passes =
          plain ? Values.truth(state, part) : in.test(test, part, arguments.from(offset + 1));
      if (passes == keep) {
        kept.add(item);
      }
    }
    return new Generator("generator", kept);
  }
}
