package org.slmruntime.train.tokenizer;

import org.slmruntime.train.TrainException;

/**
 * What vocabulary to learn.
 *
 * @param size of the vocabulary at most: special tokens, the 256 bytes, and one token a merge
 * @param pre how texts are cut first, as {@code tokenizer.ggml.pre} names it
 * @param special the tokens that are no text
 */
public record BpeOptions(int size, String pre, SpecialTexts special) {
  static final int BYTES = 256;
  static final int MAX_SIZE = 1 << 20;

  /**
   * @throws TrainException if the size leaves no room for bytes and special tokens
   */
  public BpeOptions {
    int least = BYTES + special.all().size();
    if (size < least || size > MAX_SIZE) {
      throw new TrainException(
          "a vocabulary must have " + least + " to " + MAX_SIZE + " tokens but not " + size);
    }
  }

  /** Llama 3's way to cut texts, and its special tokens. */
  public static BpeOptions ofSize(int size) {
    return new BpeOptions(size, "llama-bpe", SpecialTexts.chat());
  }
}
