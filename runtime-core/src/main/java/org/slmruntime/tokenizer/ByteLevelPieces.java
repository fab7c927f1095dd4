package org.slmruntime.tokenizer;

import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;

/**
 * How a byte-level BPE tokenizer cuts texts before it joins bytes, which is what its merges are
 * learned from. Pieces are written in GPT-2's printable stand-ins, one character a byte, as the
 * vocabulary has them. Immutable; threads may share it.
 */
public final class ByteLevelPieces {
  private final Normalizer normalizer;
  private final PreTokenizer cuts;

  private ByteLevelPieces(PreTokenizerKind kind) {
    normalizer = kind.composes() ? Normalizer.unicode(Form.NFC) : Normalizer.NONE;
    List<PreTokenizer> steps = new ArrayList<>(kind.splits());
    steps.add(PreTokenizer.byteLevel(false));
    cuts = PreTokenizer.sequence(steps);
  }

  /**
   * @param pre a pre-tokenizer as {@code tokenizer.ggml.pre} names it, such as {@code llama-bpe}
   * @throws TokenizerException if the name is unknown
   */
  public static ByteLevelPieces named(String pre) {
    return new ByteLevelPieces(
        PreTokenizerKind.named(pre)
            .orElseThrow(() -> new TokenizerException("pre-tokenizer \"" + pre + "\" is unknown")));
  }

  /** The pieces of a text, in its order; together they are the whole text. */
  public List<String> split(String text) {
    return cuts.split(normalizer.normalize(Tokenizer.withoutLoneSurrogates(text)), true);
  }

  /**
   * The character that stands for a byte.
   *
   * @param value of the byte, 0 to 255
   */
  public static char standIn(int value) {
    return ByteLevel.standIn(value);
  }
}
