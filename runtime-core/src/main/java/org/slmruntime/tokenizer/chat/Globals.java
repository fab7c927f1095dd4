package org.slmruntime.tokenizer.chat;

import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions every template can call: Jinja's own and those Hugging Face adds. */
final class Globals {
  /** The same as in Jinja's sandbox. */
  private static final int MAX_RANGE = 100_000;

  private static final List<Builtin> ALL =
      List.of(
          new Builtin("range", Globals::range),
          new Builtin("dict", (in, arguments) -> dict(in.state(), "dict", arguments)),
          new Builtin(
              "namespace",
              (in, arguments) -> new Namespace(dict(in.state(), "namespace", arguments))),
          new Builtin("cycler", Globals::cycler),
          new Builtin(
              "joiner",
              (in, arguments) ->
                  new Joiner(arguments.bind(in.state(), "joiner", "sep?").text(0, ", "))),
          new Builtin("raise_exception", Globals::raise),
          new Builtin("strftime_now", Globals::strftime));

  private Globals() {}

  /** A scope with all of them. */
  static Scope scope() {
    Scope scope = new Scope(null);
    ALL.forEach(function -> scope.set(function.name(), function));
    return scope;
  }

  private static Object range(Interpreter in, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound = arguments.bind(state, "range", "start", "stop?", "step?");
    long start = bound.has(1) ? Values.integer(state, bound.get(0)) : 0;
    long stop = Values.integer(state, bound.get(bound.has(1) ? 1 : 0));
    long step = bound.has(2) ? Values.integer(state, bound.get(2)) : 1;
    if (step == 0) {
      throw state.error("range() arg 3 must not be zero");
    }
    boolean empty = step > 0 ? start >= stop : start <= stop;
    // The distance between two longs fits an unsigned one.
    long last = step > 0 ? stop - start - 1 : start - stop - 1;
    long count = empty ? 0 : Long.divideUnsigned(last, Math.abs(step)) + 1;
    if (Long.compareUnsigned(count, MAX_RANGE) > 0) {
      throw state.error(
          "Range too big. The sandbox blocks ranges larger than MAX_RANGE (" + MAX_RANGE + ").");
    }
    return new Range(start, stop, step, (int) count);
  }

  private static Map<Object, Object> dict(
      RenderState state, String function, CallArguments arguments) {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (arguments.positional().size() > 1) {
      throw state.error(function + " expected at most 1 argument");
    }
    for (Object source : arguments.positional()) {
      if (source instanceof Map<?, ?> other) {
        state.objects(other.size());
        map.putAll(other);
        continue;
      }
      for (Object pair : Values.iterate(state, source)) {
        List<Object> parts = Values.iterate(state, pair);
        if (parts.size() != 2) {
          throw state.error(function + " needs pairs of key and value");
        }
        Values.put(state, map, parts.get(0), parts.get(1));
      }
    }
    map.putAll(arguments.named());
    return map;
  }

  private static Object cycler(Interpreter in, CallArguments arguments) {
    if (arguments.positional().isEmpty() || !arguments.named().isEmpty()) {
      throw in.state().error("cycler needs at least one item");
    }
    return new Cycler(arguments.positional());
  }

  private static Object raise(Interpreter in, CallArguments arguments) {
    Object message = arguments.bind(in.state(), "raise_exception", "message").get(0);
    throw in.state().raised(Text.str(in.state(), message));
  }

  private static Object strftime(Interpreter in, CallArguments arguments) {
    String format = arguments.bind(in.state(), "strftime_now", "format").text(0);
    return Strftime.format(in.state(), LocalDateTime.now(in.state().clock()), format);
  }
}
