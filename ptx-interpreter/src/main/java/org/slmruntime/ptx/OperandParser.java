package org.slmruntime.ptx;

import java.util.ArrayList;
import java.util.List;

/** Parses operands of instructions. */
final class OperandParser {
  private final TokenReader in;
  private final Registers registers;

  OperandParser(TokenReader in, Registers registers) {
    this.in = in;
    this.registers = registers;
  }

  /** Everything up to the semicolon. */
  List<Operand> operands() {
    List<Operand> operands = new ArrayList<>();
    if (in.take(";")) {
      return operands;
    }
    do {
      operands.add(operand());
    } while (in.take(","));
    in.expect(";");
    return operands;
  }

  private Operand operand() {
    if (in.take("{")) {
      return vector();
    }
    if (in.take("[")) {
      return memory();
    }
    if (in.take("(")) {
      return arguments();
    }
    if (in.take("!")) {
      return new Operand.Not(simple());
    }
    Operand first = simple();
    return in.take("|") ? new Operand.Pair(first, simple()) : first;
  }

  private Operand vector() {
    List<Operand> elements = new ArrayList<>();
    do {
      elements.add(simple());
    } while (in.take(","));
    in.expect("}");
    return new Operand.Vector(elements);
  }

  private Operand memory() {
    Operand base = simple();
    long offset = 0;
    if (in.take("+")) {
      offset = number().bits();
    }
    in.expect("]");
    if (base instanceof Operand.Symbol(String name, long more)) {
      return new Operand.Memory(new Operand.Symbol(name, 0), offset + more);
    }
    return new Operand.Memory(base, offset);
  }

  private Operand arguments() {
    List<String> names = new ArrayList<>();
    if (!in.at(")")) {
      do {
        names.add(in.word());
      } while (in.take(","));
    }
    in.expect(")");
    return new Operand.Arguments(names);
  }

  private Operand simple() {
    Token token = in.peek();
    if (token.kind() == Token.Kind.NUMBER || token.is("-")) {
      return number();
    }
    String name = in.word();
    if (name.equals("_")) {
      return new Operand.Sink();
    }
    Operand register = registers.find(name);
    if (register != null) {
      return register;
    }
    if (name.equals("WARP_SZ")) {
      return new Operand.Immediate(32, 'i');
    }
    if (name.startsWith("%")) {
      if (!SpecialRegisters.isKnown(name)) {
        throw TokenReader.error(token, "register " + name + " is unknown");
      }
      return new Operand.Special(name);
    }
    boolean plus = in.at("+") && in.peek(1).kind() == Token.Kind.NUMBER;
    return new Operand.Symbol(name, plus && in.take("+") ? number().bits() : 0);
  }

  private Operand.Immediate number() {
    boolean negative = in.take("-");
    Operand.Immediate value = Numbers.parse(in.next());
    if (!negative) {
      return value;
    }
    long sign = value.kind() == 'f' ? 1L << 31 : 1L << 63;
    return new Operand.Immediate(
        value.kind() == 'i' ? -value.bits() : value.bits() ^ sign, value.kind());
  }
}
