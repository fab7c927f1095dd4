package org.slmruntime.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slmruntime.tokenizer.regex.Regex;

/**
 * The pre-tokenizers that GGUF names in {@code tokenizer.ggml.pre}: patterns applied in turn, each
 * to the pieces of the one before, and what the name implies beside them.
 *
 * @param ignoresMerges whether a piece that is a token is never taken apart
 * @param addsBos whether texts begin with BOS unless the file says otherwise
 * @param composes whether the model's own tokenizer.json normalizes to NFC, which GGUF does not say
 */
record PreTokenizerKind(
    List<PreTokenizer> splits, boolean ignoresMerges, boolean addsBos, boolean composes) {
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String LLAMA3 =
      CONTRACTIONS
          + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
          + SPACES;
  private static final String QWEN2 = LLAMA3.replace("\\p{N}{1,3}", "\\p{N}");
  private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String O200K =
      "[^\\r\\n\\p{L}\\p{N}]?"
          + UPPER
          + "*"
          + LOWER
          + "+"
          + CONTRACTIONS
          + "?"
          + "|[^\\r\\n\\p{L}\\p{N}]?"
          + UPPER
          + "+"
          + LOWER
          + "*"
          + CONTRACTIONS
          + "?"
          + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|"
          + SPACES;
  private static final String TEKKEN =
      O200K.replace(CONTRACTIONS + "?", "").replace("\\p{N}{1,3}", "\\p{N}");
  static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  private static final String DEEPSEEK3_WORDS =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
          + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|"
          + SPACES;
  private static final String BLOOM = " ?[^(\\s|.,!?…。，、।۔،)]+";
  private static final String CJK = "[一-龥ࠀ-一가-퟿]+";

  static Optional<PreTokenizerKind> named(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "llama3",
              "llama-v3",
              "llama-bpe",
              "falcon3",
              "falcon-h1",
              "pixtral",
              "lfm2",
              "midm-2.0" ->
              new PreTokenizerKind(patterns(LLAMA3), true, true, false);
          case "smaug-bpe", "dbrx", "glm4", "chatglm-bpe" ->
              new PreTokenizerKind(patterns(LLAMA3), false, false, false);
          case "qwen2", "deepseek-r1-qwen", "megrez" ->
              new PreTokenizerKind(patterns(QWEN2), false, false, true);
          case "stablelm2" -> new PreTokenizerKind(patterns(QWEN2), false, false, false);
          case "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b" ->
              new PreTokenizerKind(patterns("\\p{N}", GPT2), false, false, false);
          case "gpt-2",
              "phi-2",
              "mpt",
              "olmo",
              "jina-es",
              "jina-de",
              "jina-v2-es",
              "jina-v2-de",
              "gigachat",
              "jina-v1-en",
              "jina-v2-code",
              "roberta-bpe",
              "modern-bert",
              "mellum",
              "a.x-4.0",
              "exaone4" ->
              new PreTokenizerKind(patterns(GPT2), false, false, false);
          case "gpt-4o", "llama4" -> new PreTokenizerKind(patterns(O200K), false, false, false);
          case "tekken" -> new PreTokenizerKind(patterns(TEKKEN), true, true, false);
          case "deepseek-v3" ->
              new PreTokenizerKind(
                  patterns("\\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", DEEPSEEK3_WORDS), false, false, false);
          case "deepseek-coder" ->
              new PreTokenizerKind(
                  patterns("[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", CJK, "\\p{N}"),
                  false,
                  false,
                  false);
          case "deepseek-llm" ->
              new PreTokenizerKind(
                  patterns(
                      "[\\r\\n]",
                      "\\s?[\\p{Lu}\\p{Ll}\\p{Lt}]+",
                      "\\s?[!-/:-~！-／：-～‘-‟　-。]+",
                      "\\s+$",
                      CJK,
                      "\\p{N}+"),
                  false,
                  false,
                  false);
          case "bloom", "gpt3-finnish", "poro-chat" ->
              new PreTokenizerKind(patterns(BLOOM), false, false, false);
          case "viking" -> new PreTokenizerKind(patterns(BLOOM, "\\p{N}"), false, false, false);
          case "falcon" ->
              new PreTokenizerKind(
                  patterns("[\\p{P}\\$\\+<=>\\^~\\|`]+", GPT2, "[0-9][0-9][0-9]"),
                  false,
                  false,
                  false);
          case "default" ->
              new PreTokenizerKind(
                  patterns("[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]"),
                  false,
                  false,
                  false);
          default -> null;
        });
  }

  private static List<PreTokenizer> patterns(String... patterns) {
    List<PreTokenizer> splits = new ArrayList<>();
    for (String pattern : patterns) {
      splits.add(
          PreTokenizer.pattern(Regex.compile(pattern), PreTokenizer.Behaviour.ISOLATED, false));
    }
    return splits;
  }
}
