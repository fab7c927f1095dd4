package org.slmruntime.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.slmruntime.json.Json;
import org.slmruntime.json.JsonException;

/** Reads tokenizer.json (the format of Hugging Face's tokenizers library). */
final class HuggingFaceTokenizer {
  private final Map<String, Object> root;
  private final HuggingFaceModel model;
  private final Vocabulary vocabulary;

  private HuggingFaceTokenizer(Map<String, Object> root) {
    this.root = root;
    this.model = HuggingFaceModel.read(Json.asObject(root.get("model"), "model"), addedContents());
    this.vocabulary = model.vocabulary();
  }

  static Tokenizer read(Path file) {
    try {
      Map<String, Object> root = parse(file);
      Path folder = file.toAbsolutePath().getParent();
      return new HuggingFaceTokenizer(root)
          .build(
              optionalJson(folder.resolve("tokenizer_config.json")),
              optionalJson(folder.resolve("generation_config.json")));
    } catch (TokenizerException | JsonException e) {
      throw new TokenizerException(file + ": " + e.getMessage());
    }
  }

  private static Map<String, Object> parse(Path file) {
    try {
      return Json.parseObject(Files.readString(file));
    } catch (NoSuchFileException _) {
      throw new TokenizerException("no such file");
    } catch (IOException e) {
      throw new TokenizerException("cannot be read: " + e.getMessage());
    }
  }

  private static Map<String, Object> optionalJson(Path file) {
    return Files.isRegularFile(file) ? parse(file) : Map.of();
  }

  private Tokenizer build(Map<String, Object> config, Map<String, Object> generation) {
    List<AddedToken> added = new ArrayList<>();
    Set<Integer> control = new HashSet<>();
    for (Map<String, Object> token : addedTokens()) {
      AddedToken read = addedToken(token);
      added.add(read);
      if (read.special()) {
        control.add(read.id());
      }
    }
    Normalizer normalizer = HuggingFaceComponents.normalizer(root.get("normalizer"));
    return new Tokenizer(
        vocabulary,
        added,
        normalizer,
        HuggingFaceComponents.preTokenizer(root.get("pre_tokenizer")),
        model.model(),
        HuggingFaceComponents.detokenizer(root.get("decoder")),
        special(config, generation, control));
  }

  private SpecialTokens special(
      Map<String, Object> config, Map<String, Object> generation, Set<Integer> control) {
    IntList prefix = new IntList();
    IntList suffix = new IntList();
    postProcess(root.get("post_processor"), prefix, suffix);
    OptionalInt bos = named(config, "bos_token");
    OptionalInt eos = named(config, "eos_token");
    if (bos.isEmpty() && prefix.size() > 0) {
      bos = OptionalInt.of(prefix.toArray()[0]);
    }
    Set<Integer> ends = new HashSet<>();
    eos.ifPresent(ends::add);
    Object ids = generation.get("eos_token_id");
    for (Object id : ids instanceof List<?> list ? list : ids == null ? List.of() : List.of(ids)) {
      if (id instanceof Long value && value >= 0 && value < vocabulary.size()) {
        ends.add(value.intValue());
      }
    }
    return new SpecialTokens(
        bos,
        eos,
        prefix.toArray(),
        suffix.toArray(),
        Set.copyOf(control),
        SpecialTokens.ends(vocabulary, ends));
  }

  /** A token of tokenizer_config.json, given as text or as an object with its content. */
  private OptionalInt named(Map<String, Object> config, String key) {
    Object value = config.get(key);
    Object content = value instanceof Map<?, ?> map ? map.get("content") : value;
    int id = content instanceof String text ? vocabulary.id(text) : -1;
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  private List<Map<String, Object>> addedTokens() {
    Object added = root.get("added_tokens");
    List<Map<String, Object>> tokens = new ArrayList<>();
    for (Object token : added == null ? List.of() : Json.asArray(added, "added_tokens")) {
      tokens.add(Json.asObject(token, "an added token"));
    }
    return tokens;
  }

  /** Texts of added tokens by id, which extend the model's vocabulary. */
  private List<Map.Entry<Integer, String>> addedContents() {
    List<Map.Entry<Integer, String>> contents = new ArrayList<>();
    for (Map<String, Object> token : addedTokens()) {
      contents.add(
          Map.entry(
              HuggingFaceModel.id(token.get("id"), "an added token"),
              Json.asString(token.get("content"), "an added token's content")));
    }
    return contents;
  }

  private static AddedToken addedToken(Map<String, Object> token) {
    String content = Json.asString(token.get("content"), "an added token's content");
    return new AddedToken(
        HuggingFaceModel.id(token.get("id"), content),
        content,
        flag(token, "special"),
        flag(token, "normalized"),
        flag(token, "lstrip"),
        flag(token, "rstrip"),
        flag(token, "single_word"));
  }

  private static boolean flag(Map<String, Object> token, String name) {
    return Boolean.TRUE.equals(token.get(name));
  }

  /** What a post-processor puts before and after a single text. */
  private void postProcess(Object json, IntList prefix, IntList suffix) {
    if (json == null) {
      return;
    }
    Map<String, Object> processor = Json.asObject(json, "post_processor");
    String type = Json.asString(processor.get("type"), "post_processor type");
    switch (type) {
      case "ByteLevel" -> {}
      case "Sequence" -> {
        for (Object part : Json.asArray(processor.get("processors"), "processors")) {
          postProcess(part, prefix, suffix);
        }
      }
      case "BertProcessing", "RobertaProcessing" -> {
        prefix.add(pairId(processor.get("cls")));
        suffix.add(pairId(processor.get("sep")));
      }
      case "TemplateProcessing" -> template(processor, prefix, suffix);
      default -> throw new TokenizerException("post_processor " + type + " is not supported");
    }
  }

  private void template(Map<String, Object> processor, IntList prefix, IntList suffix) {
    Map<String, Object> known = Json.asObject(processor.get("special_tokens"), "special_tokens");
    boolean before = true;
    for (Object item : Json.asArray(processor.get("single"), "single")) {
      Map<String, Object> part = Json.asObject(item, "a template part");
      if (part.containsKey("Sequence")) {
        before = false;
        continue;
      }
      Map<String, Object> token = Json.asObject(part.get("SpecialToken"), "SpecialToken");
      String name = Json.asString(token.get("id"), "a special token's id");
      Map<String, Object> entry = Json.asObject(known.get(name), "special token " + name);
      for (Object id : Json.asArray(entry.get("ids"), "ids of " + name)) {
        (before ? prefix : suffix).add(HuggingFaceModel.id(id, name));
      }
    }
  }

  private static int pairId(Object pair) {
    List<Object> parts = Json.asArray(pair, "a token and its id");
    return HuggingFaceModel.id(parts.size() == 2 ? parts.get(1) : null, "a special token");
  }
}
