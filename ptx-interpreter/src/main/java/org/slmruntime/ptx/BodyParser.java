package org.slmruntime.ptx;

import java.util.ArrayList;
import java.util.List;

/** Parses a function's body. */
final class BodyParser {
  final List<Variable> variables = new ArrayList<>();
  final List<Statement> statements = new ArrayList<>();
  private final TokenReader in;
  private final Registers registers = new Registers();

  BodyParser(TokenReader in) {
    this.in = in;
  }

  void parse() {
    in.expect("{");
    registers.enter();
    while (!registers.isEmpty()) {
      statement();
    }
  }

  private void statement() {
    Token token = in.next();
    switch (token.text()) {
      case "{" -> registers.enter();
      case "}" -> registers.leave();
      case ";" -> {}
      case ".reg" -> declareRegisters();
      case ".shared", ".local", ".param" ->
          variables.add(new VariableParser(in).variable(token.text().substring(1)));
      case ".loc" -> skipLine(token.line());
      case ".pragma", ".branchtargets", ".callprototype" -> in.skipPast(";");
      case "@" -> guarded(token.line());
      default -> {
        if (in.take(":")) {
          statements.add(new Statement.Label(token.text()));
        } else {
          instruction(token, null, false);
        }
      }
    }
  }

  private void skipLine(int line) {
    while (in.peek().line() == line) {
      in.next();
    }
  }

  private void declareRegisters() {
    Token token = in.peek();
    Type type = Type.of(in.word().substring(1));
    if (type == null) {
      throw TokenReader.error(token, "register type '" + token.text() + "' not understood");
    }
    do {
      String name = in.word();
      if (in.take("<")) {
        in.integer();
        in.expect(">");
        registers.declareMany(name, type);
      } else {
        registers.declare(name, type);
      }
    } while (in.take(","));
    in.expect(";");
  }

  private void guarded(int line) {
    boolean negated = in.take("!");
    String name = in.word();
    Operand.Register guard = registers.find(name);
    if (guard == null || !guard.type().isPredicate()) {
      throw new PtxException("line " + line + ": guard " + name + " is not a predicate");
    }
    instruction(in.next(), guard, negated);
  }

  private void instruction(Token opcode, Operand.Register guard, boolean negated) {
    if (opcode.kind() != Token.Kind.WORD) {
      throw TokenReader.error(opcode, "'" + opcode.text() + "' is not an instruction");
    }
    StringBuilder text = new StringBuilder(opcode.text());
    for (int i = 0; !in.peek(i).is(";") && in.peek(i).kind() != Token.Kind.END; i++) {
      text.append(i == 0 || in.peek(i - 1).is(",") ? " " : "").append(in.peek(i).text());
    }
    List<Operand> operands = new OperandParser(in, registers).operands();
    statements.add(
        new Statement.Code(
            opcode.line(), guard, negated, opcode.text(), operands, text.toString()));
  }
}
