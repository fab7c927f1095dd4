package org.slmruntime.tokenizer.chat;

/**
 * A value that is not there: empty as text, an error in nearly everything else.
 *
 * @param problem the error's text
 */
record Undefined(String problem) {
  static Undefined name(String name) {
    return new Undefined("'" + name + "' is undefined");
  }
}
