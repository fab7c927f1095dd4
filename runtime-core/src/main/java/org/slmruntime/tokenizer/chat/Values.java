package org.slmruntime.tokenizer.chat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Python's meaning of the values a template sees: null (None), Boolean, Long, Double, String, List
 * (list; {@link Tuple}, {@link Range}), Map (dict), {@link DictView}, {@link Generator}, {@link
 * Undefined}, {@link Namespace}, {@link Cycler} and {@link Callable}.
 */
final class Values {
  private Values() {}

  static String typeName(Object value) {
    return switch (value) {
      case null -> "NoneType";
      case Boolean _ -> "bool";
      case Long _ -> "int";
      case Double _ -> "float";
      case String _ -> "str";
      case Tuple _ -> "tuple";
      case Range _ -> "range";
      case List<?> _ -> "list";
      case Map<?, ?> _ -> "dict";
      case DictView view -> view.kind();
      case Generator generator -> generator.kind();
      case Undefined _ -> "Undefined";
      case Namespace _ -> "Namespace";
      case Cycler _ -> "Cycler";
      case Macro _ -> "Macro";
      case Loop _ -> "LoopContext";
      case Joiner _ -> "Joiner";
      case BoundMethod _ -> "builtin_function_or_method";
      default -> "function";
    };
  }

  static boolean truth(RenderState state, Object value) {
    return switch (value) {
      case null -> false;
      case Boolean b -> b;
      case Long l -> l != 0;
      case Double d -> d != 0;
      case String s -> !s.isEmpty();
      case List<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      case DictView view -> !view.items().isEmpty();
      case Undefined _ -> false;
      default -> true;
    };
  }

  static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  /** An int or bool. */
  static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof Boolean;
  }

  static long integer(RenderState state, Object value) {
    return switch (value) {
      case Long l -> l;
      case Boolean b -> b ? 1 : 0;
      case null, default ->
          throw state.error("an integer is needed but the value is " + typeName(value));
    };
  }

  static double number(Object value) {
    return switch (value) {
      case Double d -> d;
      case Long l -> l;
      case Boolean b -> b ? 1 : 0;
      default -> throw new IllegalArgumentException(typeName(value));
    };
  }

  /** The elements of anything that Python would iterate over. */
  @SuppressWarnings("unchecked")
  static List<Object> iterate(RenderState state, Object value) {
    return switch (value) {
      case List<?> list -> (List<Object>) list;
      case String text -> {
        state.objects(text.length());
        yield PythonStrings.characters(text);
      }
      case Map<?, ?> map -> {
        state.elements(map.size());
        yield new ArrayList<>(map.keySet());
      }
      case DictView view -> view.items();
      case Generator generator -> generator.take();
      case Undefined _ -> List.of();
      case null, default -> throw state.error("'" + typeName(value) + "' object is not iterable");
    };
  }

  static boolean isIterable(Object value) {
    return value instanceof List
        || value instanceof String
        || value instanceof Map
        || value instanceof DictView
        || value instanceof Generator
        || value instanceof Undefined;
  }

  static long length(RenderState state, Object value) {
    return switch (value) {
      case String text -> {
        state.characters(text.length());
        yield PythonStrings.length(text);
      }
      case List<?> list -> list.size();
      case Map<?, ?> map -> map.size();
      case DictView view -> view.items().size();
      case Undefined _ -> 0;
      case Loop loop -> loop.size();
      case null, default ->
          throw state.error("object of type '" + typeName(value) + "' has no len()");
    };
  }

  static boolean equal(RenderState state, Object a, Object b) {
    if (isNumber(a) && isNumber(b)) {
      return equalNumbers(a, b);
    }
    if (a instanceof String x && b instanceof String y) {
      state.characters(Math.min(x.length(), y.length()));
      return x.equals(y);
    }
    state.enter();
    boolean equal =
        switch (a) {
          case List<?> x when b instanceof List<?> y && sameKind(x, y) -> equalLists(state, x, y);
          case Map<?, ?> x when b instanceof Map<?, ?> y -> equalDicts(state, x, y);
          case DictView x when b instanceof DictView y -> equalLists(state, x.items(), y.items());
          case Undefined _ -> b instanceof Undefined;
          case null, default -> same(a, b);
        };
    state.leave();
    return equal;
  }

  /** Python's {@code is}, for what can tell it apart from equality. */
  @SuppressWarnings("ReferenceEquality")
  static boolean same(Object a, Object b) {
    return a == b;
  }

  private static boolean sameKind(List<?> a, List<?> b) {
    return a instanceof Tuple == b instanceof Tuple && a instanceof Range == b instanceof Range;
  }

  private static boolean equalNumbers(Object a, Object b) {
    if (a instanceof Double x && b instanceof Double y) {
      return x.doubleValue() == y.doubleValue();
    }
    return compareNumbers(a, b) == 0;
  }

  /** Exact also where a long has more digits than a double; 2 if not comparable (NaN). */
  private static int compareNumbers(Object a, Object b) {
    if (isInteger(a) && isInteger(b)) {
      return Long.compare(asLong(a), asLong(b));
    }
    double x = number(a);
    double y = number(b);
    if (Double.isNaN(x) || Double.isNaN(y)) {
      return 2;
    }
    if (a instanceof Double && b instanceof Double) {
      return x < y ? -1 : x > y ? 1 : 0;
    }
    if (x != y) {
      return x < y ? -1 : 1;
    }
    return Double.isInfinite(x) ? 0 : exact(a).compareTo(exact(b));
  }

  private static BigDecimal exact(Object number) {
    return isInteger(number) ? BigDecimal.valueOf(asLong(number)) : new BigDecimal((Double) number);
  }

  private static long asLong(Object value) {
    return value instanceof Boolean b ? b ? 1 : 0 : (Long) value;
  }

  private static boolean equalLists(RenderState state, List<?> a, List<?> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      state.step();
      if (!equal(state, a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean equalDicts(RenderState state, Map<?, ?> a, Map<?, ?> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (Map.Entry<?, ?> entry : a.entrySet()) {
      Object key = findKey(state, b, entry.getKey());
      if (!b.containsKey(key) || !equal(state, entry.getValue(), b.get(key))) {
        return false;
      }
    }
    return true;
  }

  /** The key in a dict that equals the given one (1, 1.0 and True do), or the given one. */
  static Object findKey(RenderState state, Map<?, ?> map, Object key) {
    checkHashable(state, key, 0);
    state.step();
    if (!isNumber(key) || map.containsKey(key)) {
      return key;
    }
    double number = number(key);
    for (Object form : new Object[] {(long) number, number, number != 0}) {
      if (equalNumbers(form, key) && map.containsKey(form)) {
        return form;
      }
    }
    return key;
  }

  private static void checkHashable(RenderState state, Object key, int depth) {
    boolean scalar =
        key == null || key instanceof String || isNumber(key) || key instanceof Undefined;
    if (scalar) {
      return;
    }
    if (!(key instanceof Tuple tuple)) {
      throw state.error("unhashable type: '" + typeName(key) + "'");
    }
    // Hashing must not go into shared parts over and over.
    if (depth > 1) {
      throw state.error("a key nested deeper than 2");
    }
    state.elements(tuple.size());
    tuple.forEach(item -> checkHashable(state, item, depth + 1));
  }

  static void put(RenderState state, Map<Object, Object> map, Object key, Object value) {
    map.put(findKey(state, map, key), value);
  }

  /** Whether {@code a operator b} for one of {@code < <= > >=}. */
  static boolean ordered(RenderState state, String operator, Object a, Object b) {
    int order = compare(state, operator, a, b);
    return switch (operator) {
      case "<" -> order == -1;
      case "<=" -> order == -1 || order == 0;
      case ">" -> order == 1;
      default -> order == 1 || order == 0;
    };
  }

  /** -1, 0 or 1; 2 if neither way (NaN). */
  static int compare(RenderState state, String operator, Object a, Object b) {
    state.step();
    if (isNumber(a) && isNumber(b)) {
      return compareNumbers(a, b);
    }
    if (a instanceof String x && b instanceof String y) {
      state.characters(Math.min(x.length(), y.length()));
      return Integer.signum(PythonStrings.compare(x, y));
    }
    if (a instanceof List<?> x
        && b instanceof List<?> y
        && sameKind(x, y)
        && !(x instanceof Range)) {
      state.enter();
      int order = compareLists(state, operator, x, y);
      state.leave();
      return order;
    }
    refuseUndefined(state, a, b);
    throw state.error(
        "'"
            + operator
            + "' not supported between instances of '"
            + typeName(a)
            + "' and '"
            + typeName(b)
            + "'");
  }

  private static int compareLists(RenderState state, String operator, List<?> a, List<?> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      if (!equal(state, a.get(i), b.get(i))) {
        return compare(state, operator, a.get(i), b.get(i));
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  /** Most operations on an undefined value are the error of its not being there. */
  static void refuseUndefined(RenderState state, Object... values) {
    for (Object value : values) {
      if (value instanceof Undefined undefined) {
        throw state.error(undefined.problem());
      }
    }
  }

  static boolean contains(RenderState state, Object container, Object item) {
    if (container instanceof String text) {
      refuseUndefined(state, item);
      if (!(item instanceof String part)) {
        throw state.error("'in <string>' requires string as left operand, not " + typeName(item));
      }
      state.characters(text.length() + (long) part.length());
      return PythonStrings.indexOf(text, part, 0) >= 0;
    }
    if (container instanceof Map<?, ?> map) {
      return map.containsKey(findKey(state, map, item));
    }
    if (container == null || !isIterable(container)) {
      throw state.error("argument of type '" + typeName(container) + "' is not iterable");
    }
    for (Object element : iterate(state, container)) {
      state.step();
      if (equal(state, element, item)) {
        return true;
      }
    }
    return false;
  }

  /** A value from JSON or a caller as a template sees it: a copy, of the known types only. */
  static Object fromJava(RenderState state, Object value) {
    state.enter();
    Object result =
        switch (value) {
          case null -> null;
          case String text -> text;
          case Boolean flag -> flag;
          case Double number -> number;
          case Float number -> number.doubleValue();
          case Long number -> number;
          case Integer number -> number.longValue();
          case Short number -> number.longValue();
          case Byte number -> number.longValue();
          case List<?> list -> {
            state.elements(list.size());
            List<Object> copy = new ArrayList<>(list.size());
            list.forEach(item -> copy.add(fromJava(state, item)));
            yield copy;
          }
          case Map<?, ?> map -> fromMap(state, map);
          default ->
              throw new TemplateException(
                  "a template takes JSON values only, not " + value.getClass().getName());
        };
    state.leave();
    return result;
  }

  static Map<Object, Object> fromMap(RenderState state, Map<?, ?> map) {
    state.elements(map.size());
    Map<Object, Object> copy = new LinkedHashMap<>();
    map.forEach(
        (key, item) -> {
          if (!(key instanceof String)) {
            throw new TemplateException("a key in a template's input must be a string: " + key);
          }
          copy.put(key, fromJava(state, item));
        });
    return copy;
  }

  /** Elements without repetition, as Python's set would count them. */
  static boolean addTo(RenderState state, Set<Object> seen, Object value) {
    checkHashable(state, value, 0);
    return seen.add(isNumber(value) && !(value instanceof Long) ? canonical(value) : value);
  }

  private static Object canonical(Object number) {
    double d = number(number);
    return d == Math.rint(d) && Math.abs(d) < 0x1p62 ? (Object) (long) d : number;
  }
}
