package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands without a model, where the launcher names another one as the demo model. */
class DemoFallbackTest {
  private static final String NOTICE = "slm: no MODEL is given, so this is the demo model";

  @TempDir static Path folder;
  private static Path model;

  @BeforeAll
  static void writeModel() {
    model =
        TinyModel.writeWithTemplate(folder, "{% for m in messages %}{{ m.content }}{% endfor %}");
  }

  @Test
  void runsTheDemoModelAndSaysSoFirst() {
    Object[] rest = {"-p", "hello", "-n", 6, "--temp", 0, "--backend", "reference"};
    Outcome run = demo("run", rest).succeeded();
    assertEquals(named("run", rest).succeeded().out(), run.out());
    assertTrue(run.err().startsWith(NOTICE), run::toString);
  }

  @Test
  void saysNothingOfItWhenQuietOrWhenAModelIsNamed() {
    Object[] rest = {"-p", "hello", "-n", 2, "--backend", "reference"};
    assertFalse(named("run", rest).succeeded().err().contains("demo"));
    Object[] quiet = {"-p", "hello", "-n", 2, "--backend", "reference", "-q"};
    assertEquals("", demo("run", quiet).succeeded().err());
  }

  @Test
  void chatsWithTheDemoModelAndSaysWhatItCanDo() {
    Outcome chat =
        Outcome.withEnvironmentAndInput(
            environment(), "hello\n", "chat", "-n", 6, "--temp", 0, "--backend", "reference");
    Object[] plain = {"-p", "hello", "-n", 6, "--temp", 0, "--backend", "reference"};
    assertEquals(named("run", plain).succeeded().out(), chat.succeeded().out());
    assertTrue(chat.err().startsWith(NOTICE), chat::toString);
    assertTrue(chat.err().contains("it tells stories and knows nothing else"), chat::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "bench"})
  void otherCommandsFallBackToItToo(String command) {
    Object[] few = command.equals("bench") ? new Object[] {"-p", 2, "-n", 2} : new Object[0];
    Outcome run = demo(command, few).succeeded();
    assertTrue(run.err().startsWith(NOTICE), run::toString);
  }

  @Test
  void rendersItsTemplate() throws Exception {
    Path messages = folder.resolve("messages.json");
    Files.writeString(messages, "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}");
    assertEquals("hi", demo("template", "--messages", messages).succeeded().out());
  }

  @Test
  void saysWhereItIsMissing() {
    Path absent = folder.resolve("absent.gguf");
    Outcome.withEnvironment(Map.of(ModelPath.DEMO_FILE, absent.toString()), "run", "-p", "x", "-q")
        .failedWith(1, "absent.gguf", "no such file");
  }

  private static Outcome demo(String command, Object... rest) {
    return Outcome.withEnvironment(environment(), words(command, rest));
  }

  private static Outcome named(String command, Object... rest) {
    Object[] words = new Object[rest.length + 2];
    words[0] = command;
    words[1] = model;
    System.arraycopy(rest, 0, words, 2, rest.length);
    return Outcome.of(words);
  }

  private static Object[] words(String command, Object... rest) {
    Object[] words = new Object[rest.length + 1];
    words[0] = command;
    System.arraycopy(rest, 0, words, 1, rest.length);
    return words;
  }

  private static Map<String, String> environment() {
    return Map.of(ModelPath.DEMO_FILE, model.toString());
  }
}
