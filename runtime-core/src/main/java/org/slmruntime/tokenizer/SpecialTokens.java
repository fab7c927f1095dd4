package org.slmruntime.tokenizer;

import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The ids with a meaning beyond text.
 *
 * @param prefix added before a text
 * @param suffix added after a text
 * @param control ids that are never shown
 * @param endOfGeneration ids that end a generation
 */
record SpecialTokens(
    OptionalInt bos,
    OptionalInt eos,
    int[] prefix,
    int[] suffix,
    Set<Integer> control,
    Set<Integer> endOfGeneration) {
  /** Texts of tokens that end a turn or a text in the families we know (llama.cpp has the same). */
  private static final Set<String> END_TEXTS =
      Set.of(
          "<|eot_id|>",
          "<|im_end|>",
          "<|end|>",
          "<|return|>",
          "<|call|>",
          "<|flush|>",
          "<|calls|>",
          "<end_of_turn>",
          "<|endoftext|>",
          "</s>",
          "<|eom_id|>",
          "<EOT>",
          "_<EOT>",
          "[EOT]",
          "[EOS]",
          "<|end_of_text|>",
          "<end_of_utterance>",
          "<eos>",
          "<turn|>",
          "<|tool_response>",
          "<｜end▁of▁sentence｜>",
          "[e~[");

  /** Ids that end a generation: the given ones and those known by their text. */
  static Set<Integer> ends(Vocabulary vocabulary, Set<Integer> given) {
    Set<Integer> ends = new HashSet<>(given);
    for (String text : END_TEXTS) {
      if (vocabulary.id(text) >= 0) {
        ends.add(vocabulary.id(text));
      }
    }
    // In gpt-oss a message may end without ending the turn.
    if (vocabulary.id("<|return|>") >= 0 && vocabulary.id("<|call|>") >= 0) {
      ends.remove(vocabulary.id("<|end|>"));
    }
    return Set.copyOf(ends);
  }
}
