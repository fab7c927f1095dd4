package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro with the scope it was defined in. */
record Macro(Statement.Macro definition, Scope scope) implements Callable {
  String name() {
    return definition.name();
  }

  @Override
  public Object call(Interpreter interpreter, CallArguments arguments) {
    Scope inner = new Scope(scope);
    Map<String, Object> rest = new LinkedHashMap<>(arguments.named());
    bindCaller(inner, rest);
    bindParameters(interpreter, inner, arguments, rest);
    return interpreter.renderBody(definition.body(), inner);
  }

  private void bindCaller(Scope inner, Map<String, Object> rest) {
    if (!definition.usesCaller()) {
      return;
    }
    boolean given = rest.containsKey("caller");
    Object caller = rest.remove("caller");
    inner.set("caller", given ? caller : new Undefined("No caller defined"));
  }

  private void bindParameters(
      Interpreter interpreter, Scope inner, CallArguments arguments, Map<String, Object> rest) {
    RenderState state = interpreter.state();
    List<String> names = definition.names();
    List<Object> given = arguments.positional();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (i < given.size()) {
        if (rest.containsKey(name)) {
          throw state.error("macro '" + name() + "' got two values for " + name);
        }
        inner.set(name, given.get(i));
      } else if (rest.containsKey(name)) {
        inner.set(name, rest.remove(name));
      } else {
        Expr otherwise = definition.defaults().get(i);
        inner.set(
            name,
            otherwise == null
                ? new Undefined("parameter '" + name + "' was not provided")
                : interpreter.evaluate(otherwise, inner));
      }
    }
    bindRest(state, inner, given, rest);
  }

  private void bindRest(
      RenderState state, Scope inner, List<Object> given, Map<String, Object> rest) {
    int count = definition.names().size();
    if (definition.usesKwargs()) {
      inner.set("kwargs", new LinkedHashMap<Object, Object>(rest));
    } else if (!rest.isEmpty()) {
      throw state.error(
          "macro '"
              + name()
              + "' takes no keyword argument '"
              + rest.keySet().iterator().next()
              + "'");
    }
    if (definition.usesVarargs()) {
      inner.set(
          "varargs",
          new Tuple(
              given.size() > count
                  ? new ArrayList<>(given.subList(count, given.size()))
                  : List.of()));
    } else if (given.size() > count) {
      throw state.error("macro '" + name() + "' takes not more than " + count + " argument(s)");
    }
  }
}
