package org.slmruntime.tokenizer.chat;

/** A function of ours. */
record Builtin(String name, Body body) implements Callable {
  /** What it does. */
  interface Body {
    Object call(Interpreter interpreter, CallArguments arguments);
  }

  @Override
  public Object call(Interpreter interpreter, CallArguments arguments) {
    return body.call(interpreter, arguments);
  }
}
