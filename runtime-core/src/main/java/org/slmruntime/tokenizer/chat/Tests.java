package org.slmruntime.tokenizer.chat;

import java.util.List;
import java.util.Map;

/** What stands after {@code is}. */
final class Tests {
  /** A test; arguments are those after its name. */
  interface Test {
    boolean passes(Interpreter in, Object value, CallArguments arguments);
  }

  /** A test without arguments. */
  private interface Plain {
    boolean passes(RenderState state, Object value);
  }

  static final Map<String, Test> ALL =
      Map.ofEntries(
          plain("boolean", (_, v) -> v instanceof Boolean),
          plain("callable", (_, v) -> v instanceof Callable || v instanceof Undefined),
          plain("defined", (_, v) -> !(v instanceof Undefined)),
          plain("undefined", (_, v) -> v instanceof Undefined),
          plain("escaped", (_, v) -> false),
          plain("even", (state, v) -> remainder(state, v, 2L) == 0),
          plain("odd", (state, v) -> remainder(state, v, 2L) == 1),
          plain("false", (_, v) -> Boolean.FALSE.equals(v)),
          plain("true", (_, v) -> Boolean.TRUE.equals(v)),
          plain("float", (_, v) -> v instanceof Double),
          plain("integer", (_, v) -> v instanceof Long),
          plain("iterable", (_, v) -> Values.isIterable(v)),
          plain("lower", (state, v) -> PythonStrings.isAllCase(text(state, v), false)),
          plain("upper", (state, v) -> PythonStrings.isAllCase(text(state, v), true)),
          plain("mapping", (_, v) -> v instanceof Map),
          plain("none", (_, v) -> v == null),
          plain("number", (_, v) -> Values.isNumber(v)),
          plain("sequence", (_, v) -> isSequence(v)),
          plain("string", (_, v) -> v instanceof String),
          comparison("eq", "=="),
          comparison("==", "=="),
          comparison("equalto", "=="),
          comparison("ne", "!="),
          comparison("!=", "!="),
          comparison("ge", ">="),
          comparison(">=", ">="),
          comparison("gt", ">"),
          comparison(">", ">"),
          comparison("greaterthan", ">"),
          comparison("le", "<="),
          comparison("<=", "<="),
          comparison("lt", "<"),
          comparison("<", "<"),
          comparison("lessthan", "<"),
          comparison("in", "in"),
          Map.entry(
              "divisibleby",
              (in, v, arguments) ->
                  remainder(in.state(), v, arguments.bind(in.state(), "divisibleby", "num").get(0))
                      == 0),
          Map.entry(
              "sameas",
              (in, v, arguments) ->
                  sameAs(v, arguments.bind(in.state(), "sameas", "other").get(0))),
          plain("filter", (_, v) -> v instanceof String name && Filters.ALL.containsKey(name)),
          plain("test", (_, v) -> v instanceof String name && isTest(name)));

  private Tests() {}

  private static boolean isTest(String name) {
    return ALL.containsKey(name);
  }

  private static Map.Entry<String, Test> plain(String name, Plain test) {
    return Map.entry(
        name,
        (in, value, arguments) -> {
          arguments.bind(in.state(), name);
          return test.passes(in.state(), value);
        });
  }

  private static Map.Entry<String, Test> comparison(String name, String operator) {
    return Map.entry(
        name,
        (in, value, arguments) ->
            in.compare(operator, value, arguments.bind(in.state(), name, "other").get(0)));
  }

  private static String text(RenderState state, Object value) {
    String text = Text.str(state, value);
    state.characters(text.length());
    return text;
  }

  private static double remainder(RenderState state, Object value, Object divisor) {
    if (value instanceof String) {
      throw state.error("a number is needed but the value is str");
    }
    return Values.number(Arithmetic.binary(state, "%", value, divisor));
  }

  private static boolean isSequence(Object value) {
    return value instanceof List
        || value instanceof String
        || value instanceof Map
        || value instanceof Undefined;
  }

  /** Numbers and texts have no identity here; Python's small ones are the same if equal. */
  private static boolean sameAs(Object a, Object b) {
    return Values.same(a, b)
        || a instanceof Boolean && a.equals(b)
        || a instanceof Long && a.equals(b)
        || a instanceof String && a.equals(b);
  }
}
