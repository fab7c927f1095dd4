package org.slmruntime.train.tokenizer;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A vocabulary that was learned: special tokens, then the bytes in order of their values, then one
 * token for each merge. Texts are in GPT-2's stand-ins for bytes.
 *
 * @param pre how texts are cut first, as {@code tokenizer.ggml.pre} names it
 * @param special the first tokens
 * @param tokens all texts by id
 * @param merges "left right" in order of rank
 */
public record BpeVocabulary(
    String pre, SpecialTexts special, List<String> tokens, List<String> merges) {
  private static final String PREFIX = "tokenizer.ggml.";
  private static final int NORMAL_TYPE = 1;
  private static final int CONTROL_TYPE = 3;

  public BpeVocabulary {
    tokens = List.copyOf(tokens);
    merges = List.copyOf(merges);
  }

  public int size() {
    return tokens.size();
  }

  /** The keys of a GGUF file that describe this tokenizer; texts begin with BOS. */
  public Map<String, Object> metadata() {
    int[] types = new int[size()];
    Arrays.fill(types, NORMAL_TYPE);
    Arrays.fill(types, 0, special.all().size(), CONTROL_TYPE);
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put(PREFIX + "model", "gpt2");
    metadata.put(PREFIX + "pre", pre);
    metadata.put(PREFIX + "tokens", tokens);
    metadata.put(PREFIX + "token_type", types);
    metadata.put(PREFIX + "merges", merges);
    metadata.put(PREFIX + "bos_token_id", idOf(special.begin()));
    metadata.put(PREFIX + "eos_token_id", idOf(special.end()));
    special.endOfTurn().ifPresent(text -> metadata.put(PREFIX + "eot_token_id", idOf(text)));
    metadata.put(PREFIX + "add_bos_token", true);
    metadata.put(PREFIX + "add_eos_token", false);
    return metadata;
  }

  private long idOf(String specialText) {
    return special.all().indexOf(specialText);
  }
}
