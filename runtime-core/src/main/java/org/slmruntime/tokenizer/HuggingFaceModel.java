package org.slmruntime.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.slmruntime.json.Json;

/** The {@code model} of a tokenizer.json with its vocabulary. */
record HuggingFaceModel(Vocabulary vocabulary, TokenModel model) {

  static HuggingFaceModel read(
      Map<String, Object> json, List<Map.Entry<Integer, String>> addedTokens) {
    Object type = json.get("type");
    String kind = type == null ? guess(json) : Json.asString(type, "model type");
    return switch (kind) {
      case "BPE" -> bpe(json, addedTokens);
      case "Unigram" -> unigram(json, addedTokens);
      case "WordPiece" -> wordPiece(json, addedTokens);
      case "WordLevel" -> wordLevel(json, addedTokens);
      default -> throw new TokenizerException("model " + kind + " is not supported");
    };
  }

  /** Old files do not name the model. */
  private static String guess(Map<String, Object> json) {
    if (json.containsKey("merges")) {
      return "BPE";
    }
    return json.get("vocab") instanceof List ? "Unigram" : "WordPiece";
  }

  private static HuggingFaceModel bpe(
      Map<String, Object> json, List<Map.Entry<Integer, String>> added) {
    Vocabulary vocabulary = mapVocabulary(json);
    String prefix = text(json, "continuing_subword_prefix");
    List<Object> lines = Json.asArray(json.get("merges"), "merges");
    BpeMerges merges = new BpeMerges(vocabulary, lines.size(), prefix.length(), true);
    for (Object line : lines) {
      if (line instanceof List<?> pair && pair.size() == 2) {
        merges.add(Json.asString(pair.get(0), "a merge"), Json.asString(pair.get(1), "a merge"));
      } else {
        merges.add(Json.asString(line, "a merge"));
      }
    }
    String unknown = text(json, "unk_token");
    return new HuggingFaceModel(
        extended(vocabulary, added),
        merges.model(
            new BpeModel.Options(
                unknown.isEmpty() ? -1 : vocabulary.id(unknown),
                flag(json, "fuse_unk"),
                flag(json, "byte_fallback"),
                flag(json, "ignore_merges"),
                prefix,
                text(json, "end_of_word_suffix"))));
  }

  private static HuggingFaceModel unigram(
      Map<String, Object> json, List<Map.Entry<Integer, String>> added) {
    List<Object> entries = Json.asArray(json.get("vocab"), "vocab");
    List<String> tokens = new ArrayList<>();
    double[] scores = new double[entries.size()];
    for (int i = 0; i < entries.size(); i++) {
      List<Object> entry = Json.asArray(entries.get(i), "a vocabulary entry");
      if (entry.size() != 2 || !(entry.get(1) instanceof Number score)) {
        throw new TokenizerException("vocabulary entry " + i + " is no pair of text and score");
      }
      tokens.add(Json.asString(entry.get(0), "a token"));
      scores[i] = score.doubleValue();
    }
    Object unknown = json.get("unk_id");
    int unknownId = unknown == null ? -1 : id(unknown, "unk_id");
    if (unknownId >= scores.length) {
      throw new TokenizerException("unk_id is " + unknownId + " of " + scores.length + " tokens");
    }
    Vocabulary modelOnly = Vocabulary.of(tokens);
    TokenModel model = new UnigramModel(modelOnly, scores, unknownId, flag(json, "byte_fallback"));
    return new HuggingFaceModel(extended(modelOnly, added), model);
  }

  private static HuggingFaceModel wordPiece(
      Map<String, Object> json, List<Map.Entry<Integer, String>> added) {
    Vocabulary vocabulary = mapVocabulary(json);
    String prefix =
        json.containsKey("continuing_subword_prefix")
            ? text(json, "continuing_subword_prefix")
            : "##";
    String unknown = json.containsKey("unk_token") ? text(json, "unk_token") : "[UNK]";
    Object longest = json.getOrDefault("max_input_chars_per_word", 100L);
    return new HuggingFaceModel(
        extended(vocabulary, added),
        new WordPieceModel(
            vocabulary, prefix, vocabulary.id(unknown), id(longest, "max_input_chars_per_word")));
  }

  private static HuggingFaceModel wordLevel(
      Map<String, Object> json, List<Map.Entry<Integer, String>> added) {
    Vocabulary vocabulary = mapVocabulary(json);
    String unknown = json.containsKey("unk_token") ? text(json, "unk_token") : "<unk>";
    return new HuggingFaceModel(
        extended(vocabulary, added), new WordLevelModel(vocabulary, vocabulary.id(unknown)));
  }

  private static Vocabulary mapVocabulary(Map<String, Object> json) {
    Map<String, Object> vocab = Json.asObject(json.get("vocab"), "vocab");
    int largest = -1;
    for (Map.Entry<String, Object> entry : vocab.entrySet()) {
      largest = Math.max(largest, id(entry.getValue(), entry.getKey()));
    }
    String[] tokens = new String[largest + 1];
    vocab.forEach((text, id) -> tokens[((Long) id).intValue()] = text);
    return Vocabulary.of(Arrays.asList(tokens));
  }

  /** With the added tokens, which the model itself does not know. */
  private static Vocabulary extended(Vocabulary model, List<Map.Entry<Integer, String>> added) {
    List<String> tokens = new ArrayList<>(model.tokens());
    for (Map.Entry<Integer, String> token : added) {
      int id = token.getKey();
      if (id >= tokens.size()) {
        tokens.addAll(Collections.nCopies(id + 1 - tokens.size(), null));
      }
      tokens.set(id, token.getValue());
    }
    return Vocabulary.of(tokens);
  }

  /** A token id within what we are ready to hold. */
  static int id(Object value, String of) {
    if (value instanceof Long id && id >= 0 && id < Vocabulary.MAX_TOKENS) {
      return id.intValue();
    }
    throw new TokenizerException(
        "the id of " + of + " must be in 0.." + (Vocabulary.MAX_TOKENS - 1) + " but is " + value);
  }

  private static String text(Map<String, Object> json, String key) {
    return json.get(key) instanceof String text ? text : "";
  }

  private static boolean flag(Map<String, Object> json, String key) {
    return Boolean.TRUE.equals(json.get(key));
  }
}
