package org.slmruntime.ptx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses the text of a module into variables and functions. */
final class Parser {
  final Map<String, Function> functions = new LinkedHashMap<>();
  final Map<String, Variable> variables = new LinkedHashMap<>();
  private final TokenReader in;

  Parser(String text) {
    in = new TokenReader(Lexer.tokens(text));
    while (in.peek().kind() != Token.Kind.END) {
      directive();
    }
  }

  private void directive() {
    Token token = in.next();
    switch (token.text()) {
      case ".version", ".target" -> skipLine(token.line());
      case ".address_size" -> {
        if (in.integer() != 64) {
          throw TokenReader.error(token, "only 64-bit addresses are supported");
        }
      }
      case ".file", ".loc" -> skipLine(token.line());
      case ".section" -> in.skipPast("}");
      case ".visible", ".extern", ".weak", ".common", ";" -> {}
      case ".entry" -> function(true);
      case ".func" -> function(false);
      case ".global", ".const", ".shared" -> {
        Variable v = new VariableParser(in).variable(token.text().substring(1));
        variables.put(v.name(), v);
      }
      default -> throw TokenReader.error(token, "'" + token.text() + "' not understood");
    }
  }

  private void skipLine(int line) {
    while (in.peek().kind() != Token.Kind.END && in.peek().line() == line) {
      in.next();
    }
  }

  private void function(boolean isEntry) {
    List<PtxParameter> results = in.at("(") ? parameters() : List.of();
    String name = in.word();
    List<PtxParameter> parameters = in.at("(") ? parameters() : List.of();
    int maxThreads = limits();
    if (in.take(";")) {
      functions.putIfAbsent(
          name, new Function(name, isEntry, parameters, results, maxThreads, List.of(), null));
      return;
    }
    BodyParser body = new BodyParser(in);
    body.parse();
    functions.put(
        name,
        new Function(
            name, isEntry, parameters, results, maxThreads, body.variables, body.statements));
  }

  private List<PtxParameter> parameters() {
    List<PtxParameter> parameters = new ArrayList<>();
    in.expect("(");
    if (in.take(")")) {
      return parameters;
    }
    do {
      parameters.add(new VariableParser(in).parameter(Function.bytes(parameters)));
    } while (in.take(","));
    in.expect(")");
    return parameters;
  }

  /** Reads what stands between a function's head and its body; the most threads of a block. */
  private int limits() {
    int threads = 0;
    while (!in.at("{") && !in.at(";")) {
      Token token = in.next();
      if (token.is(".maxntid") || token.is(".reqntid")) {
        threads = in.integer();
        while (in.take(",")) {
          threads *= in.integer();
        }
      } else if (!token.is(".noreturn")) {
        in.next();
      }
    }
    return threads;
  }
}
