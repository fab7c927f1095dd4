package org.slmruntime.tokenizer.chat;

import java.util.HashMap;
import java.util.Map;

/** Jinja's filters, less those that need I/O, chance or HTML. */
final class Filters {
  /** A filter; arguments are those after its name. */
  interface Filter {
    Object apply(Interpreter in, Object value, CallArguments arguments);
  }

  static final Map<String, Filter> ALL = all();

  private Filters() {}

  private static Map<String, Filter> all() {
    Map<String, Filter> all = new HashMap<>();
    all.putAll(TextFilters.ALL);
    all.putAll(NumberFilters.ALL);
    all.putAll(SequenceFilters.ALL);
    all.putAll(OrderFilters.ALL);
    all.put("tojson", (in, value, arguments) -> JsonText.filter(in.state(), value, arguments));
    all.put("default", Filters::orDefault);
    all.put("d", Filters::orDefault);
    all.put(
        "attr",
        (in, value, arguments) -> {
          String name = arguments.bind(in.state(), "attr", "name").text(0);
          // Unlike a.b, this never looks at keys.
          return value instanceof Map && !Methods.has(value, name)
              ? new Undefined("'dict object' has no attribute '" + name + "'")
              : Access.attribute(in.state(), value, name);
        });
    return Map.copyOf(all);
  }

  private static Object orDefault(Interpreter in, Object value, CallArguments arguments) {
    CallArguments.Bound bound = arguments.bind(in.state(), "default", "default_value?", "boolean?");
    boolean replace =
        value instanceof Undefined || bound.flag(1, false) && !Values.truth(in.state(), value);
    return replace ? bound.get(0, "") : value;
  }
}
