package org.slmruntime.tokenizer.chat;

import java.util.List;

/** An expression's syntax tree; {@code line} is for messages. */
sealed interface Expr {
  int line();

  record Literal(int line, Object value) implements Expr {}

  record Name(int line, String name) implements Expr {}

  record ListOf(int line, List<Expr> items) implements Expr {}

  record TupleOf(int line, List<Expr> items) implements Expr {}

  record DictOf(int line, List<Expr> keys, List<Expr> values) implements Expr {}

  record Attribute(int line, Expr of, String name) implements Expr {}

  record Item(int line, Expr of, Expr key) implements Expr {}

  /** Any of the three may be null. */
  record Slice(int line, Expr of, Expr start, Expr stop, Expr step) implements Expr {}

  record Call(int line, Expr function, Arguments arguments) implements Expr {}

  record Filter(int line, Expr input, String name, Arguments arguments) implements Expr {}

  record Test(int line, Expr input, String name, Arguments arguments, boolean negated)
      implements Expr {}

  record Unary(int line, String operator, Expr operand) implements Expr {}

  record Binary(int line, String operator, Expr left, Expr right) implements Expr {}

  /** {@code a < b <= c}: each operator between neighbours. */
  record Comparison(int line, List<Expr> operands, List<String> operators) implements Expr {}

  /** {@code otherwise} may be null. */
  record Conditional(int line, Expr then, Expr condition, Expr otherwise) implements Expr {}

  /**
   * @param listSplat {@code *args}, or null
   * @param dictSplat {@code **kwargs}, or null
   */
  record Arguments(
      List<Expr> positional, List<String> names, List<Expr> named, Expr listSplat, Expr dictSplat) {
    static final Arguments NONE = new Arguments(List.of(), List.of(), List.of(), null, null);
  }
}
