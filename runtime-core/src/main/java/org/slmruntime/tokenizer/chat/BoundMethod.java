package org.slmruntime.tokenizer.chat;

/** A method with the value it belongs to. */
record BoundMethod(Object of, String name) implements Callable {
  @Override
  public Object call(Interpreter interpreter, CallArguments arguments) {
    return Methods.call(interpreter, of, name, arguments);
  }
}
