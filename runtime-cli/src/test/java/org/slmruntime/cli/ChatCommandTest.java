package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.engine.ChatOptions;
import org.slmruntime.engine.LanguageModel;
import org.slmruntime.engine.Message;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.sampling.Sampling;

/** Conversations as they come through a pipe; what the model should have seen is asked of it. */
class ChatCommandTest {
  private static final String TEMPLATE =
      "{% for m in messages %}{% if m.content == 'bad' %}{{ raise_exception('no bad words') }}"
          + "{% endif %}{{ m.role[0] }}{{ m.content }}{% endfor %}a";
  private static final int LENGTH = 6;

  @TempDir static Path folder;
  private static Path model;

  @BeforeAll
  static void writeModel() {
    model = TinyModel.writeWithTemplate(folder, TEMPLATE);
  }

  @Test
  void answersEachLineInTheLightOfTheConversation() {
    List<String> answers = expected(null, "hello", "who");
    Outcome chat = chat("hello\nwho\n");
    assertEquals(lines(answers), chat.succeeded().out());
    assertTrue(chat.err().contains("backend reference"), chat::toString);
    assertTrue(chat.err().contains(LENGTH + " new tokens"), chat::toString);
  }

  @Test
  void saysNothingButTheAnswersWhenQuiet() {
    Outcome chat = chat("hello", "-q").succeeded();
    assertEquals(lines(expected(null, "hello")), chat.out());
    assertEquals("", chat.err());
  }

  @Test
  void skipsEmptyLinesAndEndsAtExit() {
    assertEquals(lines(expected(null, "hello")), chat("\n  \r\nhello\r\n/exit\nwho").out());
    assertEquals("", chat("").succeeded().out());
  }

  @Test
  void forgetsTheConversationAtReset() {
    String alone = expected(null, "who").getFirst();
    assertNotEquals(alone, expected(null, "hello", "who").getLast());
    String out = chat("hello\n/reset\nwho\n").succeeded().out();
    assertEquals(lines(List.of(expected(null, "hello").getFirst(), alone)), out);
  }

  @Test
  void beginsWithTheSystemMessage() {
    String plain = lines(expected(null, "who"));
    String brief = lines(expected("be", "who"));
    assertNotEquals(plain, brief);
    assertEquals(brief, chat("who", "--system", "be").succeeded().out());
    assertEquals(plain + brief, chat("who\n/system be\nwho").succeeded().out());
    assertEquals(brief + plain, chat("who\n/system\nwho", "--system", "be").succeeded().out());
  }

  @Test
  void explainsItsCommands() {
    Outcome chat = chat("/help\n/nosuch \u001b[31m\n").succeeded();
    assertEquals("", chat.out());
    for (String part : List.of("/reset", "/system TEXT", "/exit", "no command /nosuch ?[31m")) {
      assertTrue(chat.err().contains(part), () -> part + " is not in " + chat);
    }
  }

  @Test
  void forgetsTheOldestQuestionsWhenTheContextIsFull() {
    String question = "z".repeat(16);
    String alone = expected("be", question).getFirst();
    String input = (question + "\n").repeat(4);
    Outcome chat = chat(input, "--system", "be", "--ctx", 44).succeeded();
    assertEquals(lines(List.of(alone, alone, alone, alone)), chat.out());
    assertTrue(chat.err().contains("the oldest questions are forgotten (1)"), chat::toString);
  }

  @Test
  void refusesAQuestionThatNeverFits() {
    Outcome chat = chat("z".repeat(TinyModel.CONTEXT), "-q");
    chat.failedWith(1, "context of 64");
  }

  @Test
  void saysWhyAnAnswerWasCutOff() {
    Outcome wanted = chat("hello").succeeded();
    assertTrue(wanted.err().contains("after 6 tokens, as -n wants"), wanted::toString);
    Outcome full = chat("hello", "-n", -1, "--ctx", 24, "--ignore-eos").succeeded();
    assertTrue(full.err().contains("the context of 24 tokens is full"), full::toString);
  }

  @Test
  void endsWhenTheTemplateRefusesALineOfAPipe() {
    Outcome chat = chat("hello\nbad\nwho", "-q");
    assertEquals(1, chat.code(), chat::toString);
    assertEquals(lines(expected(null, "hello")), chat.out());
    assertTrue(chat.err().contains("no bad words"), chat::toString);
    assertEquals(1, chat.err().lines().count(), chat::toString);
  }

  @Test
  void refusesInputThatIsNotUtf8() {
    byte[] input = {'h', 'i', '\n', 'h', (byte) 0xe9, '\n'};
    Outcome chat = Outcome.withInput(input, args("-q"));
    assertEquals(1, chat.code(), chat::toString);
    assertEquals(lines(expected(null, "hi")), chat.out());
    assertTrue(chat.err().contains("line 2: is not UTF-8 text at byte 1"), chat::toString);
  }

  @Test
  void saysThatAModelHasNoTemplate() {
    Outcome.of("chat", TinyModel.write(folder), "--backend", "reference", "-q")
        .failedWith(1, "tiny.gguf", "no chat template", "slm run");
  }

  @Test
  void saysThatATemplateIsBroken() {
    Path broken = TinyModel.writeWithTemplate(folder.resolve("."), "{% for %}");
    try {
      Outcome chat = Outcome.withInput("hi", "chat", broken, "--backend", "reference", "-q");
      chat.failedWith(1, "line 1");
    } finally {
      writeModel();
    }
  }

  private static Outcome chat(String input, Object... more) {
    return Outcome.withInput(input, args(more));
  }

  private static Object[] args(Object... more) {
    List<Object> all = new ArrayList<>(List.of("chat", model, "--backend", "reference"));
    all.addAll(List.of("--temp", 0, "-n", LENGTH, "--ignore-eos"));
    for (Object extra : more) {
      int given = extra.equals("-n") ? all.indexOf("-n") : -1;
      if (given >= 0) {
        all.subList(given, given + 2).clear();
      }
      if (!(extra.equals("--ignore-eos") && all.contains(extra))) {
        all.add(extra);
      }
    }
    return all.toArray();
  }

  /** The answers to questions in one conversation. */
  private static List<String> expected(String system, String... questions) {
    ModelOptions options = ModelOptions.defaults().backend("reference").notice(_ -> {});
    ChatOptions greedy =
        ChatOptions.defaults().sampling(Sampling.greedy().maxTokens(LENGTH).ignoreEnd(true));
    List<Message> messages = new ArrayList<>();
    if (system != null) {
      messages.add(Message.system(system));
    }
    try (LanguageModel opened = LanguageModel.open(model, options)) {
      List<String> answers = new ArrayList<>();
      for (String question : Arrays.asList(questions)) {
        messages.add(Message.user(question));
        messages.add(opened.chat(messages, greedy).message());
        answers.add(messages.getLast().content());
      }
      assertFalse(answers.contains(""), answers::toString);
      return answers;
    }
  }

  private static String lines(List<String> answers) {
    return answers.stream().map(a -> a + System.lineSeparator()).collect(Collectors.joining());
  }
}
