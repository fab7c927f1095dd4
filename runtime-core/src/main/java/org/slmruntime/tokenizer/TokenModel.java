package org.slmruntime.tokenizer;

/** Encodes one piece of normalized text. Thread-safe. */
interface TokenModel {
  void encode(String piece, IntList ids);
}
