package org.slmruntime.tokenizer;

import java.nio.file.Path;
import java.util.Optional;
import org.slmruntime.format.Metadata;

/** Makes tokenizers from model files. */
public final class Tokenizers {
  private Tokenizers() {}

  /**
   * The tokenizer in a GGUF file's metadata, or empty if the file has none ({@code no_vocab}).
   *
   * @throws TokenizerException or {@link org.slmruntime.format.FormatException} naming the key
   */
  public static Optional<Tokenizer> fromGguf(Metadata metadata) {
    return GgufTokenizer.build(metadata);
  }

  /**
   * The tokenizer of a tokenizer.json; special tokens come from a tokenizer_config.json and a
   * generation_config.json beside it, if there.
   */
  public static Tokenizer fromHuggingFace(Path tokenizerJson) {
    return HuggingFaceTokenizer.read(tokenizerJson);
  }
}
