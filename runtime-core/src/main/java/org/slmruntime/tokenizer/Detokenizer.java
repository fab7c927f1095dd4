package org.slmruntime.tokenizer;

/** The bytes that a token adds to the text. Thread-safe. */
@FunctionalInterface
interface Detokenizer {
  /**
   * @param first whether the token begins the text
   */
  byte[] bytes(String token, boolean first);
}
