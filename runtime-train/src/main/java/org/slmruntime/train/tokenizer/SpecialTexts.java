package org.slmruntime.train.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.slmruntime.train.TrainException;

/**
 * The tokens of a vocabulary that are no text. Their ids are the first ones, in this order.
 *
 * @param begin begins every text (BOS)
 * @param end ends a text (EOS)
 * @param endOfTurn ends an answer in a chat
 * @param others whatever else a chat template writes
 */
public record SpecialTexts(
    String begin, String end, Optional<String> endOfTurn, List<String> others) {
  static final int MAX_COUNT = 256;
  static final int MAX_BYTES = 64;

  /**
   * @throws TrainException if a text is empty, too long, has a NUL or a lone surrogate, or occurs
   *     twice
   */
  public SpecialTexts {
    others = List.copyOf(others);
    List<String> all = all(begin, end, endOfTurn, others);
    if (all.size() > MAX_COUNT) {
      throw new TrainException(all.size() + " special tokens; at most " + MAX_COUNT);
    }
    all.forEach(SpecialTexts::require);
    if (new HashSet<>(all).size() < all.size()) {
      throw new TrainException("a special token occurs twice in " + all);
    }
  }

  /** Those that Llama 3's chat template writes. */
  public static SpecialTexts chat() {
    return new SpecialTexts(
        "<|begin_of_text|>",
        "<|end_of_text|>",
        Optional.of("<|eot_id|>"),
        List.of("<|start_header_id|>", "<|end_header_id|>"));
  }

  /** All of them, in order of their ids. */
  public List<String> all() {
    return all(begin, end, endOfTurn, others);
  }

  private static List<String> all(
      String begin, String end, Optional<String> endOfTurn, List<String> others) {
    List<String> all = new ArrayList<>(List.of(begin, end));
    endOfTurn.ifPresent(all::add);
    all.addAll(others);
    return all;
  }

  private static void require(String text) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    boolean broken =
        text.codePoints()
            .anyMatch(c -> c == 0 || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    if (bytes == 0 || bytes > MAX_BYTES || broken) {
      throw new TrainException(
          "a special token must have 1 to "
              + MAX_BYTES
              + " bytes of Unicode without NUL but has "
              + bytes);
    }
  }
}
