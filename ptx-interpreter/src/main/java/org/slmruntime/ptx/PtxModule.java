package org.slmruntime.ptx;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A parsed module. Immutable, thread-safe. */
public final class PtxModule {
  private final String name;
  private final Map<String, Variable> variables;
  private final Map<String, PtxEntry> entries = new LinkedHashMap<>();

  private PtxModule(String name, Parser parser) {
    this.name = name;
    this.variables = Map.copyOf(parser.variables);
    for (Function f : parser.functions.values()) {
      if (f.isEntry() && f.body() != null) {
        Code code = new Assembler(this, parser.functions, f).assemble();
        entries.put(f.name(), new PtxEntry(code, f.parameters()));
      }
    }
  }

  /**
   * Parses PTX text.
   *
   * @throws PtxException naming the line of what is not understood
   */
  public static PtxModule parse(String name, String text) {
    try {
      return new PtxModule(name, new Parser(text));
    } catch (PtxException e) {
      throw new PtxException(name + ", " + e.getMessage());
    }
  }

  String name() {
    return name;
  }

  Map<String, Variable> variables() {
    return variables;
  }

  public List<String> entries() {
    return List.copyOf(entries.keySet());
  }

  /**
   * @throws PtxException if there is none of this name
   */
  public PtxEntry entry(String name) {
    PtxEntry entry = entries.get(name);
    if (entry == null) {
      throw new PtxException(this.name + " has no entry " + name + ", but has " + entries.keySet());
    }
    return entry;
  }
}
