package org.slmruntime.tokenizer.chat;

import java.util.List;
import java.util.Set;

/** The variable {@code loop}; calling it runs a recursive loop's body on other items. */
final class Loop implements Callable {
  private static final Set<String> NAMES =
      Set.of(
          "index",
          "index0",
          "revindex",
          "revindex0",
          "first",
          "last",
          "length",
          "depth",
          "depth0",
          "previtem",
          "nextitem",
          "cycle",
          "changed");

  /** Runs a loop's body; belongs to recursive loops. */
  interface Body {
    Object run(Object iterable, int depth);
  }

  private final List<Object> items;
  private final int depth;
  private final Body recursion;
  private int index;
  private Object lastChanged;

  /**
   * @param depth 0 for the outermost of recursive loops
   * @param recursion null unless the loop is recursive
   */
  Loop(List<Object> items, int depth, Body recursion) {
    this.items = items;
    this.depth = depth;
    this.recursion = recursion;
  }

  void moveTo(int at) {
    index = at;
  }

  int size() {
    return items.size();
  }

  boolean has(String name) {
    return NAMES.contains(name);
  }

  Object attribute(RenderState state, String name) {
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) items.size() - index;
      case "revindex0" -> items.size() - index - 1L;
      case "first" -> index == 0;
      case "last" -> index == items.size() - 1;
      case "length" -> (long) items.size();
      case "depth" -> depth + 1L;
      case "depth0" -> (long) depth;
      case "previtem" ->
          index > 0 ? items.get(index - 1) : new Undefined("there is no previous item");
      case "nextitem" ->
          index + 1 < items.size() ? items.get(index + 1) : new Undefined("there is no next item");
      case "cycle" -> new Builtin("cycle", (interpreter, arguments) -> cycle(state, arguments));
      default -> new Builtin("changed", (interpreter, arguments) -> changed(state, arguments));
    };
  }

  private Object cycle(RenderState state, CallArguments arguments) {
    if (arguments.positional().isEmpty()) {
      throw state.error("no items for cycling given");
    }
    return arguments.positional().get(index % arguments.positional().size());
  }

  private Object changed(RenderState state, CallArguments arguments) {
    Tuple now = new Tuple(arguments.positional());
    boolean changed = lastChanged == null || !Values.equal(state, lastChanged, now);
    lastChanged = now;
    return changed;
  }

  @Override
  public Object call(Interpreter interpreter, CallArguments arguments) {
    if (recursion == null) {
      throw interpreter
          .state()
          .error("The loop must have the 'recursive' marker to be called recursively.");
    }
    Object iterable = arguments.bind(interpreter.state(), "loop", "iterable").get(0);
    return recursion.run(iterable, depth + 1);
  }

  String describe() {
    return "<LoopContext " + (index + 1) + "/" + items.size() + ">";
  }
}
