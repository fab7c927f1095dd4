package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slmruntime.json.Json;
import org.slmruntime.testkit.SharedData;

class TemplateCommandTest {
  private static final String TEMPLATE =
      "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
          + "{% if tools %}{{ tools | length }} tools {% endif %}{{ extra }}"
          + "{% if add_generation_prompt %}<assistant>{% endif %}";
  private static final String MESSAGES =
      "{\"messages\": [{\"role\": \"user\", \"content\": \"Grüße\"}]";

  @TempDir Path folder;

  @Test
  void printsThePromptAndNothingElse() throws IOException {
    Outcome run = render(TEMPLATE, MESSAGES + ", \"bos_token\": \"^\"}").succeeded();
    assertEquals("^<user>Grüße\n<assistant>", run.out());
    assertEquals("", run.err());
  }

  @Test
  void leavesOutTheStartOfTheAnswerOnRequest() throws IOException {
    Outcome run = render(TEMPLATE, MESSAGES + "}", "--no-generation-prompt");
    assertEquals("<user>Grüße\n", run.succeeded().out());
  }

  @Test
  void handsToolsAndOtherKeysToTheTemplate() throws IOException {
    Outcome run = render(TEMPLATE, MESSAGES + ", \"tools\": [{}, {}], \"extra\": \"(more)\"}");
    assertEquals("<user>Grüße\n2 tools (more)<assistant>", run.succeeded().out());
  }

  @Test
  void rendersTheTemplateOfAModelFile() throws IOException {
    Path model = TinyModel.writeWithTemplate(folder, TEMPLATE);
    Outcome run = Outcome.of("template", model, "--messages", json(MESSAGES + "}"));
    assertEquals("<s><user>Grüße\n<assistant>", run.succeeded().out());
  }

  @Test
  void leavesToolsUndefinedWhereNoneAreGiven() throws IOException {
    Outcome run = render("{% for t in tools %}{{ t }}{% endfor %}none", MESSAGES + "}");
    assertEquals("none", run.succeeded().out());
  }

  static List<Path> recordedTemplates() throws IOException {
    try (Stream<Path> files = Files.list(SharedData.require("chat-templates"))) {
      return files.filter(file -> file.toString().endsWith(".jinja")).sorted().toList();
    }
  }

  /** What Jinja2 made of real templates. */
  @ParameterizedTest
  @MethodSource("recordedTemplates")
  void rendersRealTemplatesByteForByte(Path template) throws IOException {
    Map<String, Object> cases = read(SharedData.require("chat-templates/cases.json"));
    String answers = template.toString().replace(".jinja", ".expected.json");
    read(Path.of(answers))
        .forEach(
            (name, answer) -> {
              Map<String, Object> input = Json.asObject(cases.get(name), name);
              Outcome run = renderRecorded(template, input);
              Map<String, Object> expected = Json.asObject(answer, name);
              if (expected.containsKey("text")) {
                assertEquals(expected.get("text"), run.succeeded().out(), name);
              } else {
                run.failedWith(1, template.toString());
              }
            });
  }

  private Outcome renderRecorded(Path template, Map<String, Object> recorded) {
    Map<String, Object> input = new LinkedHashMap<>(recorded);
    Object generationPrompt = input.remove("add_generation_prompt");
    input.put("bos_token", "<s>");
    input.put("eos_token", "</s>");
    List<Object> args = new ArrayList<>(List.of("template", template, "--date", "2026-01-31"));
    if (Boolean.FALSE.equals(generationPrompt)) {
      args.add("--no-generation-prompt");
    }
    try {
      args.addAll(List.of("--messages", json(Json.write(input))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Outcome.of(args.toArray());
  }

  private static Map<String, Object> read(Path file) throws IOException {
    return Json.parseObject(Files.readString(file));
  }

  @Test
  void takesTodayFromTheOption() throws IOException {
    String template = "{{ strftime_now('%d %b %Y') }}";
    assertEquals("29 Feb 2024", render(template, MESSAGES + "}", "--date", "2024-02-29").out());
    render(template, MESSAGES + "}", "--date", "2024-02-30")
        .failedWith(2, "--date", "'2024-02-30' is not a date like");
  }

  @Test
  void saysWhereATemplateIsWrong() throws IOException {
    render("{% if x %}", MESSAGES + "}").failedWith(1, "chat.jinja", "line 1");
    render("a\nb {{ 1 + }}", MESSAGES + "}").failedWith(1, "chat.jinja", "line 2");
    render("{{ messages[0].content.x() }}", MESSAGES + "}").failedWith(1, "chat.jinja", "'x'");
  }

  @Test
  void passesOnWhatTheTemplateItselfRaises() throws IOException {
    render("{{ raise_exception('roles must alternate') }}", MESSAGES + "}")
        .failedWith(1, "chat.jinja: roles must alternate");
  }

  @Test
  void boundsATemplateThatNeverEnds() throws IOException {
    String nested = "{% for i in range(99999) %}".repeat(3) + "x" + "{% endfor %}".repeat(3);
    render(nested, MESSAGES + "}").failedWith(1, "chat.jinja");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"messages\": 1}|\"messages\" must be a JSON array",
        "{}|\"messages\" must be a JSON array",
        "{\"messages\": [1]}|a message must be a JSON object",
        "{\"messages\": [], \"tools\": {}}|\"tools\" must be a JSON array",
        "[]|must be a JSON object",
        "{\"messages\"|offset",
        "''|offset"
      })
  void refusesMessagesThatAreNone(String json, String problem) throws IOException {
    render(TEMPLATE, json).failedWith(1, "chat.json", problem);
  }

  @Test
  void refusesFilesThatAreNotUtf8OrAbsent() throws IOException {
    Path latin1 = Files.write(folder.resolve("latin1.jinja"), new byte[] {'a', (byte) 0xe9, 'b'});
    Outcome.of("template", latin1, "--messages", json(MESSAGES + "}"))
        .failedWith(1, "latin1.jinja", "not UTF-8", "byte 1");
    Outcome.of("template", latin1, "--messages", folder.resolve("absent.json"))
        .failedWith(1, "absent.json", "no such file");
    Outcome.of("template", folder.resolve("no.jinja"), "--messages", json(MESSAGES + "}"))
        .failedWith(1, "no.jinja", "no such file");
    Outcome.of("template", folder, "--messages", json(MESSAGES + "}"))
        .failedWith(1, "tokenizer.json", "no such file");
  }

  @Test
  void saysThatAModelHasNoTemplate() throws IOException {
    Outcome.of("template", TinyModel.write(folder), "--messages", json(MESSAGES + "}"))
        .failedWith(1, "tiny.gguf: has no chat template");
  }

  private Outcome render(String template, String json, Object... more) throws IOException {
    Path file = Files.writeString(folder.resolve("chat.jinja"), template);
    Object[] args = new Object[4 + more.length];
    args[0] = "template";
    args[1] = file;
    args[2] = "--messages";
    args[3] = json(json);
    System.arraycopy(more, 0, args, 4, more.length);
    return Outcome.of(args);
  }

  private Path json(String text) throws IOException {
    return Files.writeString(folder.resolve("chat.json"), text);
  }
}
