package org.slmruntime.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The bytes that a token adds to the text. Thread-safe. */
@FunctionalInterface
interface Detokenizer {
  /**
   * @param first whether the token begins the text
   */
  byte[] bytes(String token, boolean first);

  /** The text of tokens from its start on. */
  default String text(List<String> tokens) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < tokens.size(); i++) {
      bytes.writeBytes(bytes(tokens.get(i), i == 0));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
