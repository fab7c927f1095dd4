package org.slmruntime.ptx;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Parses declarations of variables, after the word of their space. */
final class VariableParser {
  private static final byte[] NONE = {};

  private final TokenReader in;

  VariableParser(TokenReader in) {
    this.in = in;
  }

  /** Parses up to the semicolon. */
  Variable variable(String space) {
    Declared d = declared();
    byte[] initial = in.take("=") ? initial(d) : NONE;
    in.expect(";");
    int bytes = d.unsized && initial.length > 0 ? initial.length : d.bytes;
    return new Variable(space, d.name, d.alignment, bytes, initial);
  }

  /** Parses up to the comma or parenthesis after a parameter, and puts it behind others. */
  PtxParameter parameter(int offset) {
    Token start = in.peek();
    if (!in.take(".param")) {
      throw TokenReader.error(start, "only parameters in .param space are supported");
    }
    Declared d = declared();
    int at = Math.ceilDiv(offset, d.alignment) * d.alignment;
    return new PtxParameter(d.name, d.type.name(), d.bytes, d.alignment, at);
  }

  private record Declared(
      Type type, int vector, String name, int alignment, int bytes, boolean unsized) {}

  private Declared declared() {
    int alignment = 0;
    int vector = 1;
    Type type = null;
    String word = in.word();
    while (word.startsWith(".")) {
      switch (word) {
        case ".align" -> alignment = in.integer();
        case ".v2" -> vector = 2;
        case ".v4" -> vector = 4;
        case ".ptr", ".global", ".shared", ".const", ".local", ".attribute" -> {}
        default -> type = type(word);
      }
      if (word.equals(".attribute")) {
        in.skipPast(")");
      }
      if (word.equals(".ptr")) {
        skipPointerAttributes();
      }
      word = in.word();
    }
    if (type == null) {
      throw TokenReader.error(in.peek(), "variable " + word + " has no type");
    }
    return sized(type, vector, word, alignment);
  }

  /** What a pointer parameter promises of the memory it points to does not size the parameter. */
  private void skipPointerAttributes() {
    while (in.peek().text().startsWith(".")) {
      if (in.next().is(".align")) {
        in.next();
      }
    }
  }

  private Declared sized(Type type, int vector, String name, int alignment) {
    long bytes = (long) type.bytes() * vector;
    boolean unsized = false;
    while (in.take("[")) {
      if (in.at("]")) {
        unsized = true;
      } else {
        bytes *= in.integer();
      }
      in.expect("]");
    }
    int natural = alignment == 0 ? type.bytes() * vector : alignment;
    return new Declared(type, vector, name, natural, unsized ? 0 : Math.toIntExact(bytes), unsized);
  }

  private Type type(String word) {
    Type type = Type.of(word.substring(1));
    if (type == null) {
      throw TokenReader.error(in.peek(), "'" + word + "' not understood in a declaration");
    }
    return type;
  }

  private byte[] initial(Declared d) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    values(d.type, out);
    byte[] bytes = out.toByteArray();
    if (d.unsized || bytes.length == d.bytes) {
      return bytes;
    }
    return Arrays.copyOf(bytes, d.bytes);
  }

  private void values(Type type, ByteArrayOutputStream out) {
    if (in.take("{")) {
      do {
        values(type, out);
      } while (in.take(","));
      in.expect("}");
      return;
    }
    boolean negative = in.take("-");
    Token token = in.next();
    if (token.kind() != Token.Kind.NUMBER) {
      throw TokenReader.error(token, "initial value '" + token.text() + "' is not a number");
    }
    long bits = Numbers.parse(token).bits();
    for (int i = 0; i < type.bytes(); i++) {
      out.write((int) ((negative ? -bits : bits) >>> 8 * i));
    }
  }
}
