package org.slmruntime.tokenizer.chat;

/** Gives nothing the first time it is called, its separator from then on. */
final class Joiner implements Callable {
  private final String separator;
  private boolean used;

  Joiner(String separator) {
    this.separator = separator;
  }

  @Override
  public Object call(Interpreter interpreter, CallArguments arguments) {
    arguments.bind(interpreter.state(), "joiner");
    String text = used ? separator : "";
    used = true;
    return text;
  }
}
