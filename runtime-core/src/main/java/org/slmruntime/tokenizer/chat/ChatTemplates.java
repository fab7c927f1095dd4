package org.slmruntime.tokenizer.chat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.slmruntime.format.Metadata;
import org.slmruntime.json.Json;
import org.slmruntime.tokenizer.Tokenizer;

/**
 * The chat templates of a model with the special tokens they use. Immutable; threads may share it.
 * A template is parsed when it is rendered, so a malformed variant hurts only who uses it.
 */
public final class ChatTemplates {
  private static final String DEFAULT = "default";
  private static final String TOOL_USE = "tool_use";
  private static final String GGUF_KEY = "tokenizer.chat_template";
  private static final long MAX_FILE = 64L << 20;

  private static final Map<String, String> GGUF_TOKENS =
      Map.of(
          "bos_token", "tokenizer.ggml.bos_token_id",
          "eos_token", "tokenizer.ggml.eos_token_id",
          "unk_token", "tokenizer.ggml.unknown_token_id",
          "sep_token", "tokenizer.ggml.seperator_token_id",
          "pad_token", "tokenizer.ggml.padding_token_id",
          "cls_token", "tokenizer.ggml.cls_token_id",
          "mask_token", "tokenizer.ggml.mask_token_id");

  private final Map<String, String> sources;
  private final Map<String, String> specialTokens;

  private ChatTemplates(Map<String, String> sources, Map<String, String> specialTokens) {
    this.sources = Map.copyOf(sources);
    this.specialTokens = Map.copyOf(specialTokens);
  }

  /**
   * The templates in a GGUF file's metadata, or empty if it has none.
   *
   * @throws org.slmruntime.format.FormatException naming a key of the wrong type
   */
  public static Optional<ChatTemplates> fromGguf(Metadata metadata, Tokenizer tokenizer) {
    Map<String, String> sources = new LinkedHashMap<>();
    metadata.string(GGUF_KEY).ifPresent(source -> sources.put(DEFAULT, source));
    for (String name : metadata.strings("tokenizer.chat_templates").orElse(List.of())) {
      metadata.string(GGUF_KEY + "." + name).ifPresent(source -> sources.put(name, source));
    }
    Map<String, String> tokens = new LinkedHashMap<>();
    // A BOS that was only assumed and begins no text has no place in a prompt either.
    if (tokenizer.addsBos()) {
      put(tokens, "bos_token", tokenizer, tokenizer.bosId());
    }
    put(tokens, "eos_token", tokenizer, tokenizer.eosId());
    for (Map.Entry<String, String> token : GGUF_TOKENS.entrySet()) {
      long id = metadata.integer(token.getValue()).orElse(-1L);
      if (id >= 0 && id < tokenizer.vocabularySize()) {
        put(tokens, token.getKey(), tokenizer, OptionalInt.of((int) id));
      }
    }
    return some(sources, tokens);
  }

  /**
   * The templates of a tokenizer_config.json, or of a chat_template.jinja beside it, which goes
   * first; empty if neither has one.
   *
   * @throws org.slmruntime.json.JsonException if the file is malformed
   * @throws TemplateException if a file cannot be read
   */
  public static Optional<ChatTemplates> fromHuggingFace(
      Path tokenizerConfigJson, Tokenizer tokenizer) {
    Map<String, Object> config =
        Files.exists(tokenizerConfigJson) ? Json.parseObject(read(tokenizerConfigJson)) : Map.of();
    Map<String, String> sources = sources(config.get("chat_template"));
    Path separate = tokenizerConfigJson.resolveSibling("chat_template.jinja");
    if (Files.exists(separate)) {
      sources.put(DEFAULT, read(separate));
    }
    Map<String, String> tokens = new LinkedHashMap<>();
    if (!config.containsKey("bos_token")) {
      put(tokens, "bos_token", tokenizer, tokenizer.bosId());
    }
    if (!config.containsKey("eos_token")) {
      put(tokens, "eos_token", tokenizer, tokenizer.eosId());
    }
    for (String name : GGUF_TOKENS.keySet()) {
      String text = tokenText(config.get(name));
      if (text != null) {
        tokens.put(name, text);
      }
    }
    return some(sources, tokens);
  }

  private static String read(Path file) {
    try {
      if (Files.size(file) > MAX_FILE) {
        throw new TemplateException(file + " has " + Files.size(file) + " bytes; too many");
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new TemplateException("cannot read " + file + ": " + e.getMessage());
    }
  }

  /** One template, or a list of named ones. */
  private static Map<String, String> sources(Object value) {
    Map<String, String> sources = new LinkedHashMap<>();
    if (value instanceof String source) {
      sources.put(DEFAULT, source);
    } else if (value != null) {
      for (Object item : Json.asArray(value, "chat_template")) {
        Map<String, Object> entry = Json.asObject(item, "an element of chat_template");
        sources.put(
            Json.asString(entry.get("name"), "a chat template's name"),
            Json.asString(entry.get("template"), "a chat template"));
      }
    }
    return sources;
  }

  /** A token is written as its text or as an object with it. */
  private static String tokenText(Object value) {
    Object text = value instanceof Map<?, ?> map ? map.get("content") : value;
    return text instanceof String content ? content : null;
  }

  private static void put(
      Map<String, String> tokens, String name, Tokenizer tokenizer, OptionalInt id) {
    String text = id.isPresent() ? tokenizer.tokenText(id.getAsInt()) : null;
    if (text != null) {
      tokens.put(name, text);
    }
  }

  private static Optional<ChatTemplates> some(
      Map<String, String> sources, Map<String, String> tokens) {
    return sources.isEmpty() ? Optional.empty() : Optional.of(new ChatTemplates(sources, tokens));
  }

  /** Names and texts of the templates; the usual one is named default. */
  public Map<String, String> sources() {
    return sources;
  }

  /** What the templates see as bos_token, eos_token and so on. */
  public Map<String, String> specialTokens() {
    return specialTokens;
  }

  /**
   * The prompt of a conversation, by the variant for tools if tools are given and there is one.
   *
   * @param messages each with role and content, as values of {@link Json}
   * @param tools JSON schemas of functions; null if there are none
   * @param addGenerationPrompt whether to end with the start of the model's answer
   * @param extra more variables, which go before all others (enable_thinking, documents ...)
   * @throws TemplateException if the template is malformed, fails, refuses its input ({@link
   *     TemplateException#raised}) or goes beyond a limit
   */
  public String render(
      List<?> messages,
      List<?> tools,
      boolean addGenerationPrompt,
      Map<String, ?> extra,
      Clock clock,
      TemplateLimits limits) {
    Map<String, Object> context = new LinkedHashMap<>(specialTokens);
    context.put("messages", messages);
    context.put("tools", tools);
    context.put("documents", null);
    context.put("add_generation_prompt", addGenerationPrompt);
    context.putAll(extra);
    return ChatTemplate.parse(select(tools != null)).render(context, clock, limits);
  }

  private String select(boolean forTools) {
    String name = forTools && sources.containsKey(TOOL_USE) ? TOOL_USE : DEFAULT;
    String source = sources.get(name);
    if (source == null) {
      throw new TemplateException(
          "the model has no default chat template; it has " + sources.keySet());
    }
    return source;
  }
}
