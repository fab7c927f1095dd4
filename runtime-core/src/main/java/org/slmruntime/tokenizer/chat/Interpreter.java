package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs one rendering of a template. Belongs to one thread. */
final class Interpreter {
  /** The name under which a filter block's text is, which no template can write. */
  static final String PLACEHOLDER = "\0text";

  /** How a body ended. */
  private enum Ending {
    NORMAL,
    BREAK,
    CONTINUE
  }

  private final RenderState state;

  Interpreter(RenderState state) {
    this.state = state;
  }

  RenderState state() {
    return state;
  }

  /** The text that statements give. */
  String renderBody(List<Statement> body, Scope scope) {
    StringBuilder out = new StringBuilder();
    run(body, scope, out);
    return out.toString();
  }

  private Ending run(List<Statement> body, Scope scope, StringBuilder out) {
    state.enter();
    Ending ending = Ending.NORMAL;
    for (int i = 0; i < body.size() && ending == Ending.NORMAL; i++) {
      state.step();
      ending = run(body.get(i), scope, out);
    }
    state.leave();
    return ending;
  }

  private Ending run(Statement statement, Scope scope, StringBuilder out) {
    switch (statement) {
      case Statement.Text text -> append(out, text.text());
      case Statement.Output output -> append(out, Text.str(state, evaluate(output.value(), scope)));
      case Statement.Set set -> assign(set.target(), evaluate(set.value(), scope), scope);
      case Statement.Do work -> evaluate(work.value(), scope);
      case Statement.Macro macro -> scope.set(macro.name(), new Macro(macro, scope));
      case Statement.SetBlock set -> setBlock(set, scope);
      case Statement.CallBlock call -> append(out, callBlock(call, scope));
      case Statement.FilterBlock filter -> {
        String text = renderBody(filter.body(), new Scope(scope));
        append(out, Text.str(state, filtered(filter.filters(), text, scope)));
      }
      case Statement.Break _ -> {
        return Ending.BREAK;
      }
      case Statement.Continue _ -> {
        return Ending.CONTINUE;
      }
      case Statement.If branches -> {
        return branch(branches, scope, out);
      }
      case Statement.For loop -> loop(loop, evaluate(loop.iterable(), scope), scope, 0, out);
      case Statement.With with -> {
        return with(with, scope, out);
      }
      case Statement.Scoped scoped -> {
        return run(scoped.body(), new Scope(scope), out);
      }
    }
    return Ending.NORMAL;
  }

  private void append(StringBuilder out, String text) {
    state.checkSize(out.length() + (long) text.length());
    state.characters(text.length());
    out.append(text);
  }

  private Ending branch(Statement.If branches, Scope scope, StringBuilder out) {
    int count = branches.conditions().size();
    for (int i = 0; i < count; i++) {
      if (Values.truth(state, evaluate(branches.conditions().get(i), scope))) {
        return run(branches.branches().get(i), scope, out);
      }
    }
    return count < branches.branches().size()
        ? run(branches.branches().get(count), scope, out)
        : Ending.NORMAL;
  }

  private void loop(
      Statement.For statement, Object iterable, Scope scope, int depth, StringBuilder out) {
    state.moveTo(statement.line());
    List<Object> items = selected(statement, Values.iterate(state, iterable), scope);
    Loop.Body recursion =
        (inner, innerDepth) -> {
          StringBuilder text = new StringBuilder();
          loop(statement, inner, scope, innerDepth, text);
          return text.toString();
        };
    Loop loop = new Loop(items, depth, statement.recursive() ? recursion : null);
    boolean completed = false;
    for (int i = 0; i < items.size(); i++) {
      state.step();
      loop.moveTo(i);
      Scope inner = new Scope(scope);
      assign(statement.target(), items.get(i), inner);
      inner.set("loop", loop);
      Ending ending = run(statement.body(), inner, out);
      if (ending == Ending.BREAK) {
        break;
      }
      completed |= ending == Ending.NORMAL;
    }
    // Jinja runs else also where every iteration was broken off.
    if (!completed) {
      run(statement.otherwise(), new Scope(scope), out);
    }
  }

  /** The items that pass the loop's condition. */
  private List<Object> selected(Statement.For statement, List<Object> items, Scope scope) {
    if (statement.filter() == null) {
      return items;
    }
    List<Object> passing = new ArrayList<>();
    for (Object item : items) {
      Scope inner = new Scope(scope);
      assign(statement.target(), item, inner);
      if (Values.truth(state, evaluate(statement.filter(), inner))) {
        passing.add(item);
      }
    }
    return passing;
  }

  private Ending with(Statement.With with, Scope scope, StringBuilder out) {
    Scope inner = new Scope(scope);
    for (int i = 0; i < with.targets().size(); i++) {
      assign(with.targets().get(i), evaluate(with.values().get(i), scope), inner);
    }
    return run(with.body(), inner, out);
  }

  private void setBlock(Statement.SetBlock set, Scope scope) {
    String text = renderBody(set.body(), new Scope(scope));
    assign(
        set.target(), set.filters() == null ? text : filtered(set.filters(), text, scope), scope);
  }

  private Object filtered(Expr filters, String text, Scope scope) {
    Scope inner = new Scope(scope);
    inner.set(PLACEHOLDER, text);
    return evaluate(filters, inner);
  }

  private String callBlock(Statement.CallBlock block, Scope scope) {
    state.moveTo(block.line());
    Object function = evaluate(block.call().function(), scope);
    CallArguments given = arguments(block.call().arguments(), scope);
    Map<String, Object> named = new LinkedHashMap<>(given.named());
    named.put("caller", new Macro(block.caller(), scope));
    return Text.str(state, call(function, new CallArguments(given.positional(), named)));
  }

  private void assign(Expr target, Object value, Scope scope) {
    switch (target) {
      case Expr.Name name -> scope.set(name.name(), value);
      case Expr.TupleOf tuple -> unpack(tuple, value, scope);
      case Expr.Attribute attribute -> {
        if (!(evaluate(attribute.of(), scope) instanceof Namespace space)) {
          throw state.error("cannot assign attribute on non-namespace object");
        }
        space.attributes().put(attribute.name(), value);
      }
      default -> throw state.error("cannot assign to this");
    }
  }

  private void unpack(Expr.TupleOf targets, Object value, Scope scope) {
    List<Object> items = Values.iterate(state, value);
    int expected = targets.items().size();
    if (items.size() != expected) {
      throw state.error("cannot unpack " + items.size() + " values into " + expected + " names");
    }
    for (int i = 0; i < expected; i++) {
      assign(targets.items().get(i), items.get(i), scope);
    }
  }

  Object evaluate(Expr expression, Scope scope) {
    state.enter();
    int before = state.moveTo(expression.line());
    Object value = value(expression, scope);
    state.moveTo(before);
    state.leave();
    return value;
  }

  private Object value(Expr expression, Scope scope) {
    return switch (expression) {
      case Expr.Literal literal -> literal.value();
      case Expr.Name name -> scope.get(name.name());
      case Expr.ListOf list -> all(list.items(), scope);
      case Expr.TupleOf tuple -> new Tuple(all(tuple.items(), scope));
      case Expr.DictOf dict -> dict(dict, scope);
      case Expr.Attribute attribute ->
          Access.attribute(state, evaluate(attribute.of(), scope), attribute.name());
      case Expr.Item item ->
          Access.item(state, evaluate(item.of(), scope), evaluate(item.key(), scope));
      case Expr.Slice slice ->
          Access.slice(
              state,
              evaluate(slice.of(), scope),
              orNull(slice.start(), scope),
              orNull(slice.stop(), scope),
              orNull(slice.step(), scope));
      case Expr.Call call ->
          call(evaluate(call.function(), scope), arguments(call.arguments(), scope));
      case Expr.Filter filter ->
          filter(
              filter.name(), evaluate(filter.input(), scope), arguments(filter.arguments(), scope));
      case Expr.Test test ->
          test(test.name(), evaluate(test.input(), scope), arguments(test.arguments(), scope))
              != test.negated();
      case Expr.Unary unary -> unary(unary, scope);
      case Expr.Binary binary -> binary(binary, scope);
      case Expr.Comparison comparison -> comparison(comparison, scope);
      case Expr.Conditional conditional -> conditional(conditional, scope);
    };
  }

  private Object orNull(Expr expression, Scope scope) {
    return expression == null ? null : evaluate(expression, scope);
  }

  private List<Object> all(List<Expr> expressions, Scope scope) {
    List<Object> values = new ArrayList<>(expressions.size());
    for (Expr expression : expressions) {
      values.add(evaluate(expression, scope));
    }
    return values;
  }

  private Map<Object, Object> dict(Expr.DictOf dict, Scope scope) {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < dict.keys().size(); i++) {
      Object key = evaluate(dict.keys().get(i), scope);
      Values.put(state, map, key, evaluate(dict.values().get(i), scope));
    }
    return map;
  }

  private CallArguments arguments(Expr.Arguments given, Scope scope) {
    if (Values.same(given, Expr.Arguments.NONE)) {
      return CallArguments.NONE;
    }
    List<Object> positional = all(given.positional(), scope);
    Map<String, Object> named = new LinkedHashMap<>();
    for (int i = 0; i < given.names().size(); i++) {
      named.put(given.names().get(i), evaluate(given.named().get(i), scope));
    }
    if (given.listSplat() != null) {
      List<Object> more = Values.iterate(state, evaluate(given.listSplat(), scope));
      state.elements(more.size());
      positional.addAll(more);
    }
    if (given.dictSplat() != null) {
      addNamed(evaluate(given.dictSplat(), scope), named);
    }
    return new CallArguments(positional, named);
  }

  private void addNamed(Object splat, Map<String, Object> named) {
    if (!(splat instanceof Map<?, ?> map)) {
      throw state.error("argument after ** must be a mapping, not " + Values.typeName(splat));
    }
    state.elements(map.size());
    map.forEach(
        (key, value) -> {
          if (!(key instanceof String name)) {
            throw state.error("keywords must be strings");
          }
          if (named.put(name, value) != null) {
            throw state.error("got multiple values for keyword argument '" + name + "'");
          }
        });
  }

  Object call(Object function, CallArguments arguments) {
    if (!(function instanceof Callable callable)) {
      Values.refuseUndefined(state, function);
      throw state.error("'" + Values.typeName(function) + "' object is not callable");
    }
    state.enterCall();
    Object result = callable.call(this, arguments);
    state.leaveCall();
    return result;
  }

  /** Applies a filter by name. */
  Object filter(String name, Object input, CallArguments arguments) {
    Filters.Filter filter = Filters.ALL.get(name);
    if (filter == null) {
      throw state.error("No filter named '" + name + "'.");
    }
    state.step();
    return filter.apply(this, input, arguments);
  }

  /** Applies a test by name. */
  boolean test(String name, Object input, CallArguments arguments) {
    Tests.Test test = Tests.ALL.get(name);
    if (test == null) {
      throw state.error("No test named '" + name + "'.");
    }
    state.step();
    return test.passes(this, input, arguments);
  }

  private Object unary(Expr.Unary unary, Scope scope) {
    Object operand = evaluate(unary.operand(), scope);
    return switch (unary.operator()) {
      case "not" -> !Values.truth(state, operand);
      case "-" -> Arithmetic.negate(state, operand);
      default -> Arithmetic.plus(state, operand);
    };
  }

  private Object binary(Expr.Binary binary, Scope scope) {
    Object left = evaluate(binary.left(), scope);
    String operator = binary.operator();
    if (operator.equals("and") || operator.equals("or")) {
      boolean decided = Values.truth(state, left) == operator.equals("or");
      return decided ? left : evaluate(binary.right(), scope);
    }
    Object right = evaluate(binary.right(), scope);
    return operator.equals("~")
        ? StringMethods.join(
            state, "", Arrays.asList(Text.str(state, left), Text.str(state, right)))
        : Arithmetic.binary(state, operator, left, right);
  }

  private boolean comparison(Expr.Comparison comparison, Scope scope) {
    Object left = evaluate(comparison.operands().getFirst(), scope);
    for (int i = 0; i < comparison.operators().size(); i++) {
      Object right = evaluate(comparison.operands().get(i + 1), scope);
      if (!compare(comparison.operators().get(i), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  /** One of Python's comparisons. */
  boolean compare(String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> Values.equal(state, left, right);
      case "!=" -> !Values.equal(state, left, right);
      case "in" -> Values.contains(state, right, left);
      case "not in" -> !Values.contains(state, right, left);
      default -> Values.ordered(state, operator, left, right);
    };
  }

  private Object conditional(Expr.Conditional conditional, Scope scope) {
    if (Values.truth(state, evaluate(conditional.condition(), scope))) {
      return evaluate(conditional.then(), scope);
    }
    return conditional.otherwise() == null
        ? new Undefined(
            "the inline if-expression evaluated to false and no else section was defined.")
        : evaluate(conditional.otherwise(), scope);
  }
}
