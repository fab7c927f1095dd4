package org.slmruntime.tokenizer.chat;

import java.util.List;

/** A statement's syntax tree. */
sealed interface Statement {
  record Text(String text) implements Statement {}

  record Output(Expr value) implements Statement {}

  record If(List<Expr> conditions, List<List<Statement>> branches) implements Statement {}

  /** {@code filter} may be null. */
  record For(
      int line,
      Expr target,
      Expr iterable,
      Expr filter,
      boolean recursive,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {}

  record Set(int line, Expr target, Expr value) implements Statement {}

  /** {@code filters} is a chain on a placeholder, or null. */
  record SetBlock(int line, Expr target, List<Statement> body, Expr filters) implements Statement {}

  /**
   * The flags say which names the body mentions; a macro takes surplus arguments only if so.
   *
   * @param defaults null for a parameter without one
   */
  record Macro(
      int line,
      String name,
      List<String> names,
      List<Expr> defaults,
      List<Statement> body,
      boolean usesCaller,
      boolean usesKwargs,
      boolean usesVarargs)
      implements Statement {}

  record CallBlock(int line, Expr.Call call, Macro caller) implements Statement {}

  record FilterBlock(int line, Expr filters, List<Statement> body) implements Statement {}

  record With(List<Expr> targets, List<Expr> values, List<Statement> body) implements Statement {}

  /** A block that changes nothing but scope: generation, autoescape, block. */
  record Scoped(List<Statement> body) implements Statement {}

  record Do(Expr value) implements Statement {}

  record Break() implements Statement {}

  record Continue() implements Statement {}
}
