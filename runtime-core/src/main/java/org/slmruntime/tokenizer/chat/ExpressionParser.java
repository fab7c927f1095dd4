package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slmruntime.tokenizer.chat.Token.Kind;

/**
 * Parses expressions with Jinja's precedence: or, and, not, comparison, + -, ~, * / // %, unary,
 * **.
 */
final class ExpressionParser {
  private static final int MAX_DEPTH = 100;
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> TEST_ENDS =
      Set.of("else", "or", "and", "if", "not", "in", "recursive");

  private final TokenStream in;
  private int depth;

  ExpressionParser(TokenStream in) {
    this.in = in;
  }

  /** One expression, or several with commas between as a tuple. */
  Expr tuple() {
    return tuple(true);
  }

  /** The same, where {@code if} ends it, as after {@code for x in}. */
  Expr tupleWithoutConditional() {
    return tuple(false);
  }

  private Expr tuple(boolean conditional) {
    int line = in.peek().line();
    Expr first = conditional ? expression() : or();
    if (!in.peek().is(Kind.OPERATOR, ",")) {
      return first;
    }
    List<Expr> items = new ArrayList<>(List.of(first));
    while (in.accept(Kind.OPERATOR, ",")) {
      if (startsNothing()) {
        break;
      }
      items.add(conditional ? expression() : or());
    }
    return new Expr.TupleOf(line, items);
  }

  private boolean startsNothing() {
    Token t = in.peek();
    return t.kind() == Kind.BLOCK_END
        || t.kind() == Kind.OUTPUT_END
        || t.is(Kind.OPERATOR, ")")
        || t.is(Kind.OPERATOR, "=");
  }

  /** What may be assigned to: names, a name's attribute, or several with commas between. */
  Expr target() {
    int line = in.peek().line();
    if (++depth > MAX_DEPTH) {
      throw in.error("names nested deeper than " + MAX_DEPTH);
    }
    boolean parenthesized = in.accept(Kind.OPERATOR, "(");
    List<Expr> items = new ArrayList<>();
    boolean tuple = false;
    do {
      if (startsNothing() || in.peek().is(Kind.NAME, "in")) {
        break;
      }
      if (in.peek().is(Kind.OPERATOR, "(")) {
        items.add(target());
        continue;
      }
      Expr name = new Expr.Name(line, in.expectKind(Kind.NAME).text());
      items.add(
          in.accept(Kind.OPERATOR, ".")
              ? new Expr.Attribute(line, name, in.expectKind(Kind.NAME).text())
              : name);
      tuple |= in.peek().is(Kind.OPERATOR, ",");
    } while (in.accept(Kind.OPERATOR, ","));
    if (parenthesized) {
      in.expect(Kind.OPERATOR, ")");
    }
    if (items.isEmpty()) {
      throw in.error("expected a name but got " + in.describe());
    }
    depth--;
    return tuple || items.size() > 1 ? new Expr.TupleOf(line, items) : items.getFirst();
  }

  Expr expression() {
    if (++depth > MAX_DEPTH) {
      throw in.error("expression nested deeper than " + MAX_DEPTH);
    }
    Expr value = or();
    while (in.peek().is(Kind.NAME, "if")) {
      int line = in.next().line();
      Expr condition = or();
      Expr otherwise = in.accept(Kind.NAME, "else") ? expression() : null;
      value = new Expr.Conditional(line, value, condition, otherwise);
    }
    depth--;
    return value;
  }

  private Expr or() {
    Expr left = and();
    while (in.peek().is(Kind.NAME, "or")) {
      int line = in.next().line();
      left = new Expr.Binary(line, "or", left, and());
    }
    return left;
  }

  private Expr and() {
    Expr left = not();
    while (in.peek().is(Kind.NAME, "and")) {
      int line = in.next().line();
      left = new Expr.Binary(line, "and", left, not());
    }
    return left;
  }

  private Expr not() {
    if (!in.peek().is(Kind.NAME, "not")) {
      return comparison();
    }
    int line = in.next().line();
    if (++depth > MAX_DEPTH) {
      throw in.error("expression nested deeper than " + MAX_DEPTH);
    }
    Expr operand = not();
    depth--;
    return new Expr.Unary(line, "not", operand);
  }

  private Expr comparison() {
    int line = in.peek().line();
    List<Expr> operands = new ArrayList<>(List.of(sum()));
    List<String> operators = new ArrayList<>();
    while (true) {
      Token token = in.peek();
      if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
        operators.add(in.next().text());
      } else if (token.is(Kind.NAME, "in")) {
        in.next();
        operators.add("in");
      } else if (token.is(Kind.NAME, "not") && in.peekSecond().is(Kind.NAME, "in")) {
        in.next();
        in.next();
        operators.add("not in");
      } else {
        return operators.isEmpty()
            ? operands.getFirst()
            : new Expr.Comparison(line, operands, operators);
      }
      operands.add(sum());
    }
  }

  private Expr sum() {
    Expr left = concatenation();
    while (in.peek().is(Kind.OPERATOR, "+") || in.peek().is(Kind.OPERATOR, "-")) {
      Token operator = in.next();
      left = new Expr.Binary(operator.line(), operator.text(), left, concatenation());
    }
    return left;
  }

  private Expr concatenation() {
    Expr left = product();
    while (in.peek().is(Kind.OPERATOR, "~")) {
      int line = in.next().line();
      left = new Expr.Binary(line, "~", left, product());
    }
    return left;
  }

  private Expr product() {
    Expr left = power();
    while (in.peek().kind() == Kind.OPERATOR
        && Set.of("*", "/", "//", "%").contains(in.peek().text())) {
      Token operator = in.next();
      left = new Expr.Binary(operator.line(), operator.text(), left, power());
    }
    return left;
  }

  /** Unlike Python's, Jinja's power goes from left to right and binds looser than a sign. */
  private Expr power() {
    Expr left = unary(true);
    while (in.peek().is(Kind.OPERATOR, "**")) {
      int line = in.next().line();
      left = new Expr.Binary(line, "**", left, unary(true));
    }
    return left;
  }

  /** Filters and tests apply to a value with its sign. */
  private Expr unary(boolean withFilters) {
    Token token = in.peek();
    Expr value;
    if (token.is(Kind.OPERATOR, "-") || token.is(Kind.OPERATOR, "+")) {
      if (++depth > MAX_DEPTH) {
        throw in.error("expression nested deeper than " + MAX_DEPTH);
      }
      in.next();
      Expr operand = unary(false);
      depth--;
      value = new Expr.Unary(token.line(), token.text(), operand);
    } else {
      value = primaryWithPostfix();
    }
    return withFilters ? postfixed(value) : value;
  }

  private Expr primaryWithPostfix() {
    Expr value = primary();
    while (in.peek().kind() == Kind.OPERATOR) {
      Token token = in.peek();
      switch (token.text()) {
        case "." -> {
          in.next();
          value =
              in.peek().kind() == Kind.INTEGER
                  ? new Expr.Item(
                      token.line(), value, new Expr.Literal(token.line(), integer(in.next())))
                  : new Expr.Attribute(token.line(), value, in.expectKind(Kind.NAME).text());
        }
        case "[" -> {
          in.next();
          value = subscript(token.line(), value);
        }
        case "(" -> value = new Expr.Call(token.line(), value, arguments());
        default -> {
          return value;
        }
      }
    }
    return value;
  }

  private Expr postfixed(Expr start) {
    Expr value = start;
    while (true) {
      if (in.peek().is(Kind.OPERATOR, "|")) {
        value = filters(value);
      } else if (in.peek().is(Kind.NAME, "is")) {
        value = test(value);
      } else if (in.peek().is(Kind.OPERATOR, "(")) {
        value = new Expr.Call(in.peek().line(), value, arguments());
      } else {
        return value;
      }
    }
  }

  /** A chain of filters, each after a bar. */
  Expr filters(Expr input) {
    Expr value = input;
    while (in.accept(Kind.OPERATOR, "|")) {
      value = filter(value);
    }
    return value;
  }

  /** A chain of filters of which the first has no bar. */
  Expr filterChain(Expr input) {
    return filters(filter(input));
  }

  private Expr filter(Expr input) {
    int line = in.peek().line();
    String name = dottedName();
    return new Expr.Filter(
        line, input, name, in.peek().is(Kind.OPERATOR, "(") ? arguments() : Expr.Arguments.NONE);
  }

  private Expr test(Expr input) {
    int line = in.next().line();
    boolean negated = in.accept(Kind.NAME, "not");
    String name = dottedName();
    Expr.Arguments arguments = Expr.Arguments.NONE;
    Token token = in.peek();
    boolean argumentFollows =
        token.kind() == Kind.STRING
            || token.kind() == Kind.INTEGER
            || token.kind() == Kind.FLOAT
            || token.kind() == Kind.NAME && !TEST_ENDS.contains(token.text())
            || token.is(Kind.OPERATOR, "[")
            || token.is(Kind.OPERATOR, "{");
    if (token.is(Kind.OPERATOR, "(")) {
      arguments = arguments();
    } else if (token.is(Kind.NAME, "is")) {
      throw in.error("tests cannot be chained with is");
    } else if (argumentFollows) {
      arguments =
          new Expr.Arguments(List.of(primaryWithPostfix()), List.of(), List.of(), null, null);
    }
    return new Expr.Test(line, input, name, arguments, negated);
  }

  private String dottedName() {
    StringBuilder name = new StringBuilder(in.expectKind(Kind.NAME).text());
    while (in.accept(Kind.OPERATOR, ".")) {
      name.append('.').append(in.expectKind(Kind.NAME).text());
    }
    return name.toString();
  }

  private Expr subscript(int line, Expr of) {
    Expr start = in.peek().is(Kind.OPERATOR, ":") ? null : expression();
    if (in.accept(Kind.OPERATOR, "]")) {
      return new Expr.Item(line, of, start);
    }
    if (in.peek().is(Kind.OPERATOR, ",")) {
      List<Expr> items = new ArrayList<>(List.of(start));
      while (in.accept(Kind.OPERATOR, ",")) {
        items.add(expression());
      }
      in.expect(Kind.OPERATOR, "]");
      return new Expr.Item(line, of, new Expr.TupleOf(line, items));
    }
    in.expect(Kind.OPERATOR, ":");
    Expr stop = sliceEnd() ? null : expression();
    Expr step = in.accept(Kind.OPERATOR, ":") && !sliceEnd() ? expression() : null;
    in.expect(Kind.OPERATOR, "]");
    return new Expr.Slice(line, of, start, stop, step);
  }

  private boolean sliceEnd() {
    return in.peek().is(Kind.OPERATOR, ":") || in.peek().is(Kind.OPERATOR, "]");
  }

  private Expr.Arguments arguments() {
    in.expect(Kind.OPERATOR, "(");
    List<Expr> positional = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<Expr> named = new ArrayList<>();
    Expr listSplat = null;
    Expr dictSplat = null;
    boolean first = true;
    while (!in.accept(Kind.OPERATOR, ")")) {
      if (!first) {
        in.expect(Kind.OPERATOR, ",");
        if (in.accept(Kind.OPERATOR, ")")) {
          break;
        }
      }
      first = false;
      if (in.accept(Kind.OPERATOR, "*")) {
        listSplat = expression();
      } else if (in.accept(Kind.OPERATOR, "**")) {
        dictSplat = expression();
      } else if (in.peek().kind() == Kind.NAME && in.peekSecond().is(Kind.OPERATOR, "=")) {
        names.add(in.next().text());
        in.next();
        named.add(expression());
      } else {
        if (!names.isEmpty() || listSplat != null || dictSplat != null) {
          throw in.error("a positional argument follows others");
        }
        positional.add(expression());
      }
    }
    return new Expr.Arguments(positional, names, named, listSplat, dictSplat);
  }

  private Expr primary() {
    Token token = in.next();
    int line = token.line();
    return switch (token.kind()) {
      case NAME -> name(token);
      case STRING -> {
        StringBuilder text = new StringBuilder(token.text());
        while (in.peek().kind() == Kind.STRING) {
          text.append(in.next().text());
        }
        yield new Expr.Literal(line, text.toString());
      }
      case INTEGER -> new Expr.Literal(line, integer(token));
      case FLOAT -> new Expr.Literal(line, Double.parseDouble(token.text()));
      case OPERATOR -> bracketed(token);
      default -> throw new TemplateException("template line " + line + ": expected an expression");
    };
  }

  private static Expr name(Token token) {
    return switch (token.text()) {
      case "true", "True" -> new Expr.Literal(token.line(), true);
      case "false", "False" -> new Expr.Literal(token.line(), false);
      case "none", "None" -> new Expr.Literal(token.line(), null);
      default -> new Expr.Name(token.line(), token.text());
    };
  }

  private static long integer(Token token) {
    String text = token.text();
    try {
      if (text.length() > 2 && text.charAt(0) == '0' && Character.isLetter(text.charAt(1))) {
        int radix =
            switch (text.charAt(1)) {
              case 'x', 'X' -> 16;
              case 'o', 'O' -> 8;
              default -> 2;
            };
        return Long.parseLong(text.substring(2), radix);
      }
      return Long.parseLong(text);
    } catch (NumberFormatException _) {
      throw new TemplateException(
          "template line " + token.line() + ": number " + text + " is too large");
    }
  }

  private Expr bracketed(Token token) {
    int line = token.line();
    return switch (token.text()) {
      case "(" -> {
        if (in.accept(Kind.OPERATOR, ")")) {
          yield new Expr.TupleOf(line, List.of());
        }
        Expr value = tuple();
        in.expect(Kind.OPERATOR, ")");
        yield value;
      }
      case "[" -> {
        List<Expr> items = new ArrayList<>();
        while (!in.accept(Kind.OPERATOR, "]")) {
          if (!items.isEmpty()) {
            in.expect(Kind.OPERATOR, ",");
            if (in.accept(Kind.OPERATOR, "]")) {
              break;
            }
          }
          items.add(expression());
        }
        yield new Expr.ListOf(line, items);
      }
      case "{" -> dict(line);
      default ->
          throw new TemplateException(
              "template line " + line + ": unexpected \"" + token.text() + "\"");
    };
  }

  private Expr dict(int line) {
    List<Expr> keys = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!in.accept(Kind.OPERATOR, "}")) {
      if (!keys.isEmpty()) {
        in.expect(Kind.OPERATOR, ",");
        if (in.accept(Kind.OPERATOR, "}")) {
          break;
        }
      }
      keys.add(expression());
      in.expect(Kind.OPERATOR, ":");
      values.add(expression());
    }
    return new Expr.DictOf(line, keys, values);
  }
}
