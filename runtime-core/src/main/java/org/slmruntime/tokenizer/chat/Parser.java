package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slmruntime.tokenizer.chat.Token.Kind;

/** Parses statements by recursive descent. */
final class Parser {
  private static final int MAX_DEPTH = 100;
  private static final Set<String> UNSUPPORTED = Set.of("include", "import", "from", "extends");

  private final TokenStream in;
  private final ExpressionParser expressions;
  private int depth;
  private int loops;

  Parser(String source) {
    in = new TokenStream(new Lexer(source).tokens());
    expressions = new ExpressionParser(in);
  }

  List<Statement> parse() {
    List<Statement> statements = body(Set.of());
    if (in.peek().kind() != Kind.END) {
      throw in.error("unexpected " + in.describe());
    }
    return statements;
  }

  /** Statements up to a block whose name is in {@code ends}; its name is left as the next token. */
  private List<Statement> body(Set<String> ends) {
    if (++depth > MAX_DEPTH) {
      throw in.error("blocks nested deeper than " + MAX_DEPTH);
    }
    List<Statement> statements = new ArrayList<>();
    while (in.peek().kind() != Kind.END) {
      Token token = in.next();
      switch (token.kind()) {
        case TEXT -> statements.add(new Statement.Text(token.text()));
        case OUTPUT_BEGIN -> {
          statements.add(new Statement.Output(expressions.tuple()));
          in.expect(Kind.OUTPUT_END, "");
        }
        default -> {
          if (in.peek().kind() == Kind.NAME && ends.contains(in.peek().text())) {
            depth--;
            return statements;
          }
          statements.add(block());
        }
      }
    }
    if (!ends.isEmpty()) {
      throw in.error("expected " + String.join(" or ", ends) + " before the end");
    }
    depth--;
    return statements;
  }

  private List<Statement> bodyTo(String end) {
    List<Statement> statements = body(Set.of(end));
    in.next();
    if (end.equals("endblock") && in.peek().kind() == Kind.NAME) {
      in.next();
    }
    endBlock();
    return statements;
  }

  private void endBlock() {
    in.expect(Kind.BLOCK_END, "");
  }

  private Statement block() {
    Token name = in.expectKind(Kind.NAME);
    if (UNSUPPORTED.contains(name.text())) {
      throw in.error(name.text() + " is not supported: a chat template has no other files");
    }
    return switch (name.text()) {
      case "if" -> ifBlock();
      case "for" -> forBlock(name.line());
      case "set" -> set(name.line());
      case "macro" -> macro(name.line());
      case "call" -> callBlock(name.line());
      case "filter" -> filterBlock(name.line());
      case "with" -> with();
      case "generation" -> scoped("endgeneration");
      case "autoescape" -> {
        if (!(expressions.expression() instanceof Expr.Literal(int _, Object value))
            || !Boolean.FALSE.equals(value)) {
          throw in.error("only autoescape false is supported");
        }
        yield scoped("endautoescape");
      }
      case "block" -> {
        in.expectKind(Kind.NAME);
        yield scoped("endblock");
      }
      case "do" -> {
        Expr value = expressions.tuple();
        endBlock();
        yield new Statement.Do(value);
      }
      case "break" -> loopControl(new Statement.Break());
      case "continue" -> loopControl(new Statement.Continue());
      default -> throw in.error("unknown block " + name.text());
    };
  }

  private Statement scoped(String end) {
    endBlock();
    return new Statement.Scoped(bodyTo(end));
  }

  private Statement loopControl(Statement statement) {
    if (loops == 0) {
      throw in.error("break and continue belong in a loop");
    }
    endBlock();
    return statement;
  }

  private Statement ifBlock() {
    List<Expr> conditions = new ArrayList<>();
    List<List<Statement>> branches = new ArrayList<>();
    conditions.add(expressions.tuple());
    endBlock();
    while (true) {
      branches.add(body(Set.of("elif", "else", "endif")));
      String end = in.next().text();
      if (end.equals("elif")) {
        conditions.add(expressions.tuple());
        endBlock();
      } else {
        endBlock();
        if (end.equals("else")) {
          branches.add(bodyTo("endif"));
        }
        return new Statement.If(conditions, branches);
      }
    }
  }

  private Statement forBlock(int line) {
    int start = in.position();
    Expr target = expressions.target();
    if (in.mentioned(start, "loop")) {
      throw in.error("a loop cannot assign to the name loop");
    }
    in.expect(Kind.NAME, "in");
    Expr iterable = expressions.tupleWithoutConditional();
    Expr filter = in.accept(Kind.NAME, "if") ? expressions.expression() : null;
    boolean recursive = in.accept(Kind.NAME, "recursive");
    endBlock();
    loops++;
    List<Statement> body = body(Set.of("else", "endfor"));
    loops--;
    List<Statement> otherwise = List.of();
    if (in.next().text().equals("else")) {
      endBlock();
      otherwise = body(Set.of("endfor"));
      in.next();
    }
    endBlock();
    return new Statement.For(line, target, iterable, filter, recursive, body, otherwise);
  }

  private Statement set(int line) {
    Expr target = expressions.target();
    if (in.accept(Kind.OPERATOR, "=")) {
      Expr value = expressions.tuple();
      endBlock();
      return new Statement.Set(line, target, value);
    }
    Expr filters = null;
    if (in.peek().is(Kind.OPERATOR, "|")) {
      filters = expressions.filters(new Expr.Name(line, Interpreter.PLACEHOLDER));
    }
    endBlock();
    return new Statement.SetBlock(line, target, bodyTo("endset"), filters);
  }

  /** Parameters and their defaults, null for none. */
  private record Signature(List<String> names, List<Expr> defaults) {}

  private Statement macro(int line) {
    String name = in.expectKind(Kind.NAME).text();
    in.expect(Kind.OPERATOR, "(");
    int start = in.position();
    Signature signature = signature();
    endBlock();
    return macro(line, name, signature, start, loopFreeBody("endmacro"));
  }

  /** A macro whose text began at a token's position and ends at the present one. */
  private Statement.Macro macro(
      int line, String name, Signature signature, int start, List<Statement> body) {
    return new Statement.Macro(
        line,
        name,
        signature.names(),
        signature.defaults(),
        body,
        in.mentioned(start, "caller"),
        in.mentioned(start, "kwargs"),
        in.mentioned(start, "varargs"));
  }

  /** Parameters after their opening parenthesis. */
  private Signature signature() {
    List<String> names = new ArrayList<>();
    List<Expr> defaults = new ArrayList<>();
    while (!in.accept(Kind.OPERATOR, ")")) {
      if (!names.isEmpty()) {
        in.expect(Kind.OPERATOR, ",");
      }
      String name = in.expectKind(Kind.NAME).text();
      boolean hasDefault = in.accept(Kind.OPERATOR, "=");
      if (!hasDefault && !defaults.isEmpty() && defaults.getLast() != null) {
        throw in.error("parameter " + name + " without default follows one with");
      }
      names.add(name);
      defaults.add(hasDefault ? expressions.expression() : null);
    }
    return new Signature(names, defaults);
  }

  /** A macro's body is not part of the loop around it. */
  private List<Statement> loopFreeBody(String end) {
    int outer = loops;
    loops = 0;
    List<Statement> body = bodyTo(end);
    loops = outer;
    return body;
  }

  private Statement callBlock(int line) {
    Signature signature =
        in.accept(Kind.OPERATOR, "(") ? signature() : new Signature(List.of(), List.of());
    Expr call = expressions.expression();
    endBlock();
    if (!(call instanceof Expr.Call macroCall)) {
      throw in.error("call needs a macro call");
    }
    int start = in.position();
    List<Statement> body = loopFreeBody("endcall");
    return new Statement.CallBlock(line, macroCall, macro(line, "caller", signature, start, body));
  }

  private Statement filterBlock(int line) {
    Expr filters = expressions.filterChain(new Expr.Name(line, Interpreter.PLACEHOLDER));
    endBlock();
    return new Statement.FilterBlock(line, filters, bodyTo("endfilter"));
  }

  private Statement with() {
    List<Expr> targets = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (in.peek().kind() != Kind.BLOCK_END) {
      if (!targets.isEmpty()) {
        in.expect(Kind.OPERATOR, ",");
      }
      targets.add(expressions.target());
      in.expect(Kind.OPERATOR, "=");
      values.add(expressions.expression());
    }
    endBlock();
    return new Statement.With(targets, values, bodyTo("endwith"));
  }
}
