package org.slmruntime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slmruntime.engine.EngineException;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.json.Json;
import org.slmruntime.json.JsonException;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;
import org.slmruntime.tokenizer.chat.ChatTemplate;
import org.slmruntime.tokenizer.chat.ChatTemplates;
import org.slmruntime.tokenizer.chat.TemplateException;
import org.slmruntime.tokenizer.chat.TemplateLimits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Renders a conversation as a model's prompt. */
@Command(
    name = "template",
    description = "Print the prompt that a chat template makes of messages, and nothing else.",
    footer = {
      "",
      "FILE.json holds {\"messages\": [...], \"tools\": [...]}; its other keys (bos_token,",
      "enable_thinking ...) are handed to the template as they are.",
      "",
      "Examples:",
      "  slm template model.gguf --messages chat.json",
      "  slm template chat_template.jinja --messages chat.json --no-generation-prompt"
    })
final class TemplateCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description =
          "A GGUF file, a Hugging Face folder, a template (*.jinja), or a name that was pulled"
              + " (default: the demo model).")
  Path model;

  @Option(names = "--messages", required = true, paramLabel = "FILE", description = "The messages.")
  Path messages;

  @Option(
      names = "--no-generation-prompt",
      description = "Do not end with the start of the model's answer.")
  boolean noGenerationPrompt;

  @Option(
      names = "--date",
      paramLabel = "YYYY-MM-DD",
      description = "What templates take for today (default: SOURCE_DATE_EPOCH, or today).")
  LocalDate date;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Map<String, Object> input = new LinkedHashMap<>(read());
    model = model == null ? ModelPath.demo(spec, false) : ModelPath.resolve(model, spec, false);
    String prompt;
    try {
      prompt = render(input);
    } catch (TemplateException e) {
      // What the template itself raises is meant for people; the rest names the template.
      throw new EngineException(model + ": " + e.raised().orElse(e.getMessage()), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(prompt);
    out.flush();
    return 0;
  }

  private Map<String, Object> read() throws IOException {
    try {
      Map<String, Object> input = Json.parseObject(TextInput.file(messages));
      for (Object message : Json.asArray(input.get("messages"), "\"messages\"")) {
        Json.asObject(message, "a message");
      }
      if (input.get("tools") != null) {
        Json.asArray(input.get("tools"), "\"tools\"");
      }
      return input;
    } catch (JsonException e) {
      throw new FormatException(messages + ": " + e.getMessage(), e);
    }
  }

  private String render(Map<String, Object> input) throws IOException {
    if (model.toString().endsWith(".jinja") || model.toString().endsWith(".j2")) {
      // What is not given stays undefined: some templates loop over tools without asking for them.
      Map<String, Object> context = new LinkedHashMap<>();
      context.put("add_generation_prompt", !noGenerationPrompt);
      context.putAll(input);
      ChatTemplate template = ChatTemplate.parse(TextInput.file(model));
      return template.render(context, clock(), TemplateLimits.defaults());
    }
    List<Object> conversation = Json.asArray(input.remove("messages"), "\"messages\"");
    Object tools = input.remove("tools");
    return templates()
        .orElseThrow(() -> new EngineException(model + ": has no chat template"))
        .render(
            conversation,
            tools == null ? null : Json.asArray(tools, "\"tools\""),
            !noGenerationPrompt,
            input,
            clock(),
            TemplateLimits.defaults());
  }

  private Optional<ChatTemplates> templates() {
    if (Files.isDirectory(model) || model.toString().endsWith(".json")) {
      Path folder = Files.isDirectory(model) ? model : model.toAbsolutePath().getParent();
      Tokenizer tokenizer = Tokenizers.fromHuggingFace(folder.resolve("tokenizer.json"));
      return ChatTemplates.fromHuggingFace(folder.resolve("tokenizer_config.json"), tokenizer);
    }
    try (GgufFile gguf = GgufFile.open(model)) {
      Tokenizer tokenizer =
          Tokenizers.fromGguf(gguf.metadata())
              .orElseThrow(() -> new EngineException(model + ": has no tokenizer"));
      return ChatTemplates.fromGguf(gguf.metadata(), tokenizer);
    }
  }

  private Clock clock() {
    if (date != null) {
      return Clock.fixed(date.atStartOfDay(ZoneOffset.UTC).toInstant(), ZoneOffset.UTC);
    }
    String epoch = System.getenv("SOURCE_DATE_EPOCH");
    if (epoch != null && epoch.matches("\\d{1,12}")) {
      return Clock.fixed(Instant.ofEpochSecond(Long.parseLong(epoch)), ZoneOffset.UTC);
    }
    return Clock.system(ZoneId.systemDefault());
  }
}
