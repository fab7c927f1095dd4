package org.slmruntime.tokenizer.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.Metadata;
import org.slmruntime.json.JsonException;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;

class ChatTemplatesTest {
  private static final List<Object> HELLO = List.of(Map.of("role", "user", "content", "hello"));
  private static final List<Object> TOOLS = List.of(Map.of("type", "function"));

  private static Map<String, Object> vocabulary() {
    Map<String, Object> values = new HashMap<>();
    values.put("tokenizer.ggml.model", "llama");
    values.put("tokenizer.ggml.tokens", List.of("<unk>", "<s>", "</s>", "<pad>", "a"));
    values.put("tokenizer.ggml.scores", new float[5]);
    values.put("tokenizer.ggml.token_type", new int[] {2, 3, 3, 3, 1});
    values.put("tokenizer.ggml.bos_token_id", 1L);
    values.put("tokenizer.ggml.eos_token_id", 2L);
    return values;
  }

  private static Tokenizer tokenizer() {
    return Tokenizers.fromGguf(new Metadata("test", vocabulary())).orElseThrow();
  }

  private static Optional<ChatTemplates> gguf(Map<String, Object> more) {
    Map<String, Object> values = vocabulary();
    values.putAll(more);
    return ChatTemplates.fromGguf(new Metadata("test", values), tokenizer());
  }

  private static String render(ChatTemplates templates, List<Object> tools) {
    return templates.render(
        HELLO, tools, true, Map.of(), Clock.systemUTC(), TemplateLimits.defaults());
  }

  @Test
  void isEmptyForAModelWithoutTemplate() {
    assertTrue(gguf(Map.of()).isEmpty());
  }

  @Test
  void fillsInMessagesAndSpecialTokens() {
    ChatTemplates templates =
        gguf(Map.of(
                "tokenizer.chat_template",
                "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ pad_token }}"
                    + "|{{ tools }}|{{ documents }}|{{ add_generation_prompt }}",
                "tokenizer.ggml.padding_token_id",
                3L))
            .orElseThrow();
    assertEquals("<s>hello</s><pad>|None|None|True", render(templates, null));
  }

  @Test
  void usesTheVariantForToolsWhenToolsAreGiven() {
    ChatTemplates templates =
        gguf(Map.of(
                "tokenizer.chat_template", "plain",
                "tokenizer.chat_templates", List.of("tool_use", "rag", "absent"),
                "tokenizer.chat_template.tool_use", "with {{ tools[0].type }}",
                "tokenizer.chat_template.rag", "{% malformed"))
            .orElseThrow();
    assertEquals("plain", render(templates, null));
    assertEquals("with function", render(templates, TOOLS));
    assertEquals(java.util.Set.of("default", "tool_use", "rag"), templates.sources().keySet());
  }

  @Test
  void usesTheDefaultForToolsWhereThereIsNoOther() {
    ChatTemplates templates =
        gguf(Map.of("tokenizer.chat_template", "{{ tools|length }}")).orElseThrow();
    assertEquals("1", render(templates, TOOLS));
  }

  @Test
  void namesTheTemplatesThereAreIfNoneIsTheDefault() {
    ChatTemplates templates =
        gguf(Map.of("tokenizer.chat_templates", List.of("rag"), "tokenizer.chat_template.rag", "x"))
            .orElseThrow();
    TemplateException thrown = assertThrows(TemplateException.class, () -> render(templates, null));
    assertTrue(thrown.getMessage().contains("[rag]"), thrown.getMessage());
  }

  @Test
  void letsExtraVariablesGoFirst() {
    ChatTemplates templates =
        gguf(Map.of("tokenizer.chat_template", "{{ bos_token }}{{ enable_thinking }}"))
            .orElseThrow();
    assertEquals(
        "<x>False",
        templates.render(
            HELLO,
            null,
            false,
            Map.of("bos_token", "<x>", "enable_thinking", false),
            Clock.systemUTC(),
            TemplateLimits.defaults()));
  }

  @Test
  void ignoresATokenIdBeyondTheVocabulary() {
    ChatTemplates templates =
        gguf(Map.of(
                "tokenizer.chat_template",
                "[{{ unk_token }}]",
                "tokenizer.ggml.unknown_token_id",
                4_294_967_295L))
            .orElseThrow();
    assertEquals("[]", render(templates, null));
  }

  @Test
  void refusesAGgufTemplateThatIsNoText() {
    assertThrows(FormatException.class, () -> gguf(Map.of("tokenizer.chat_template", 1L)));
  }

  @Test
  void readsOneTemplateFromATokenizerConfig(@TempDir Path folder) throws IOException {
    Path config = folder.resolve("tokenizer_config.json");
    Files.writeString(
        config,
        """
        {"bos_token": {"content": "<B>"}, "eos_token": null, "pad_token": "<P>",
         "chat_template": "{{ bos_token }}{{ eos_token }}{{ pad_token }}"}
        """);
    ChatTemplates templates = ChatTemplates.fromHuggingFace(config, tokenizer()).orElseThrow();
    assertEquals("<B><P>", render(templates, null));
  }

  @Test
  void readsNamedTemplatesFromATokenizerConfig(@TempDir Path folder) throws IOException {
    Path config = folder.resolve("tokenizer_config.json");
    Files.writeString(
        config,
        """
        {"chat_template": [{"name": "default", "template": "d{{ eos_token }}"},
                           {"name": "tool_use", "template": "t"}]}
        """);
    ChatTemplates templates = ChatTemplates.fromHuggingFace(config, tokenizer()).orElseThrow();
    assertEquals("d</s>", render(templates, null));
    assertEquals("t", render(templates, TOOLS));
  }

  @Test
  void prefersATemplateFileBesideTheTokenizerConfig(@TempDir Path folder) throws IOException {
    Path config = folder.resolve("tokenizer_config.json");
    Files.writeString(config, "{\"chat_template\": \"old\"}");
    Files.writeString(folder.resolve("chat_template.jinja"), "new {{ messages[0].role }}\n");
    ChatTemplates templates = ChatTemplates.fromHuggingFace(config, tokenizer()).orElseThrow();
    assertEquals("new user", render(templates, null));
  }

  @Test
  void isEmptyForAFolderWithoutTemplate(@TempDir Path folder) {
    Path config = folder.resolve("tokenizer_config.json");
    assertTrue(ChatTemplates.fromHuggingFace(config, tokenizer()).isEmpty());
  }

  @Test
  void refusesAMalformedTokenizerConfig(@TempDir Path folder) throws IOException {
    Path config = folder.resolve("tokenizer_config.json");
    Files.writeString(config, "{\"chat_template\": [{\"name\": \"default\"}]}");
    assertThrows(JsonException.class, () -> ChatTemplates.fromHuggingFace(config, tokenizer()));
  }
}
