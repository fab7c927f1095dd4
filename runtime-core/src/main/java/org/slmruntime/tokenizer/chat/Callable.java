package org.slmruntime.tokenizer.chat;

/** What a template may call. */
sealed interface Callable permits Builtin, BoundMethod, Joiner, Loop, Macro {
  Object call(Interpreter interpreter, CallArguments arguments);
}
