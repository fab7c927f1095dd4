package org.slmruntime.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Decodes an entry, with the functions it calls in place of the calls. */
final class Assembler {
  private static final int MAX_CALL_DEPTH = 32;

  private final PtxModule module;
  private final Map<String, Function> functions;
  private final Function entry;
  private final Slots slots = new Slots();
  private final Fusions fusions = new Fusions();
  private final List<Instruction> code = new ArrayList<>();
  private final Map<String, Integer> labels = new HashMap<>();
  private final Map<Branch, String> targets = new HashMap<>();
  private final Map<String, Integer> sharedOffsets = new HashMap<>();
  private int localBytes;
  private int sharedBytes;
  private int inlined;

  Assembler(PtxModule module, Map<String, Function> functions, Function entry) {
    this.module = module;
    this.functions = functions;
    this.entry = entry;
  }

  Code assemble() {
    placeSharedVariables();
    Frame frame = new Frame();
    for (PtxParameter p : entry.parameters()) {
      frame.put(p.name(), new Frame.Place("param", p.offset()));
    }
    assemble(entry, "", frame, 0);
    add(new Exit(), entryEnd());
    for (Map.Entry<Branch, String> e : targets.entrySet()) {
      Integer target = labels.get(e.getValue());
      if (target == null) {
        throw new PtxException(
            "line " + e.getKey().line + ": label " + e.getValue() + " is missing");
      }
      e.getKey().target = target;
    }
    Instruction[] instructions = code.toArray(Instruction[]::new);
    return new Code(
        module,
        entry.name(),
        instructions,
        slots,
        localBytes,
        sharedBytes,
        sharedOffsets,
        entry.maxThreads());
  }

  private Statement.Code entryEnd() {
    return new Statement.Code(0, null, false, "exit", List.of(), "end of the entry");
  }

  private void placeSharedVariables() {
    for (Variable v : module.variables().values()) {
      if (v.space().equals("shared")) {
        placeShared(v, v.name());
      }
    }
  }

  /** Arrays without a size all begin where the sized variables end, known once all are placed. */
  private void placeShared(Variable v, String name) {
    if (v.bytes() == 0) {
      sharedOffsets.put(name, -1);
      return;
    }
    sharedBytes = Math.ceilDiv(sharedBytes, v.alignment()) * v.alignment();
    sharedOffsets.put(name, sharedBytes);
    sharedBytes += v.bytes();
  }

  private long placeLocal(int bytes, int alignment) {
    localBytes = Math.ceilDiv(localBytes, alignment) * alignment;
    int at = localBytes;
    localBytes += bytes;
    return at;
  }

  private void placeVariables(Function f, Frame frame) {
    Map<String, Variable> largest = new LinkedHashMap<>();
    for (Variable v : f.variables()) {
      largest.merge(v.name(), v, (a, b) -> a.bytes() >= b.bytes() ? a : b);
    }
    for (Variable v : largest.values()) {
      if (v.space().equals("shared")) {
        frame.put(v.name(), new Frame.Place("shared", functionShared(f, v)));
      } else {
        frame.put(v.name(), new Frame.Place("local", placeLocal(v.bytes(), v.alignment())));
      }
    }
  }

  /** Shared variables of a function are one for all its calls. */
  private int functionShared(Function f, Variable v) {
    if (v.bytes() == 0) {
      throw new PtxException("shared array " + v.name() + " must be declared by the module");
    }
    String name = f.name() + " " + v.name();
    if (!sharedOffsets.containsKey(name)) {
      placeShared(v, name);
    }
    return sharedOffsets.get(name);
  }

  private void assemble(Function f, String prefix, Frame frame, int depth) {
    if (depth > MAX_CALL_DEPTH) {
      throw new PtxException("function " + f.name() + " calls itself, which is not supported");
    }
    placeVariables(f, frame);
    for (Statement s : f.body()) {
      switch (s) {
        case Statement.Label(String name) -> {
          labels.put(prefix + name, code.size());
          fusions.label();
        }
        case Statement.Code c -> {
          try {
            assemble(c, prefix, frame, depth);
          } catch (PtxException e) {
            String message = e.getMessage();
            throw message.startsWith("line ")
                ? e
                : new PtxException("line " + c.line() + ": '" + c.text() + "': " + message);
          }
        }
      }
    }
    labels.put(prefix + "end of function", code.size());
    fusions.label();
  }

  private void assemble(Statement.Code c, String prefix, Frame frame, int depth) {
    Form form = new Form(c.opcode());
    Operands operands = new Operands(c.operands(), slots, key -> prefix + key, frame);
    switch (form.base) {
      case "bra" -> {
        form.take("uni");
        form.finish();
        branch(c, prefix, label(c, 0));
      }
      case "ret" -> {
        form.take("uni");
        form.finish();
        if (depth == 0) {
          add(new Exit(), c, prefix);
        } else {
          branch(c, prefix, "end of function");
        }
      }
      case "call" -> call(c, form, frame, depth);
      default -> {
        Instruction i = InstructionSet.assemble(form, operands);
        form.finish();
        i.sources = operands.sources();
        i.targets = operands.targets();
        add(fusions.next(c, i), c, prefix);
      }
    }
  }

  private static String label(Statement.Code c, int i) {
    if (c.operands().size() > i
        && c.operands().get(i) instanceof Operand.Symbol(String n, long o)) {
      return n;
    }
    throw new PtxException("only a name can be jumped to or called");
  }

  private void branch(Statement.Code c, String prefix, String label) {
    Branch branch = new Branch();
    targets.put(branch, prefix + label);
    add(branch, c, prefix);
  }

  private void add(Instruction i, Statement.Code c) {
    add(i, c, "");
  }

  private void add(Instruction i, Statement.Code c, String prefix) {
    i.index = code.size();
    i.line = c.line();
    i.text = c.text();
    if (c.guard() != null) {
      i.guard = slots.register(prefix + c.guard().key(), c.guard().type());
      i.guardNegated = c.guardNegated();
    }
    code.add(i);
  }

  private void call(Statement.Code c, Form form, Frame frame, int depth) {
    form.take("uni");
    form.finish();
    boolean returns = c.operands().getFirst() instanceof Operand.Arguments;
    List<String> results = returns ? arguments(c, 0) : List.of();
    Function f = functions.get(label(c, returns ? 1 : 0));
    List<String> arguments = arguments(c, returns ? 2 : 1);
    if (f == null || f.body() == null) {
      throw new PtxException("the function called has no body");
    }
    Frame inner = new Frame();
    bind(f.parameters(), arguments, frame, inner);
    bind(f.results(), results, frame, inner);
    String prefix = "call " + ++inlined + " ";
    if (c.guard() != null) {
      throw new PtxException("a call with a guard is not supported");
    }
    assemble(f, prefix, inner, depth + 1);
  }

  private static List<String> arguments(Statement.Code c, int i) {
    if (i >= c.operands().size()) {
      return List.of();
    }
    if (c.operands().get(i) instanceof Operand.Arguments(List<String> names)) {
      return names;
    }
    throw new PtxException("arguments are not understood");
  }

  private static void bind(
      List<PtxParameter> formal, List<String> actual, Frame outer, Frame inner) {
    if (formal.size() != actual.size()) {
      throw new PtxException("the function has " + formal.size() + " parameters");
    }
    for (int i = 0; i < formal.size(); i++) {
      Frame.Place place = outer.find(actual.get(i));
      if (place == null) {
        throw new PtxException("argument " + actual.get(i) + " is not declared");
      }
      inner.put(formal.get(i).name(), place);
    }
  }
}
