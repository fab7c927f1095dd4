package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.engine.FinishReason;
import org.slmruntime.engine.Generation;
import org.slmruntime.engine.LanguageModel;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.format.FormatException;
import org.slmruntime.sampling.Sampling;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class ChatInputTest {
  private static final String CTRL_A = "\u0001";
  private static final String CTRL_C = "\u0003";
  private static final String CTRL_D = "\u0004";
  private static final String CTRL_P = "\u0010";
  private static final String PROMPT = "> ";

  private final BlockingQueue<Byte> keys = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

  @Test
  void readsThePlainLinesOfAPipe() throws IOException {
    ChatInput input = piped("one\ntwö\r\n\nlast");
    assertFalse(input.isInteractive());
    assertEquals("one", input.readLine());
    assertEquals("twö", input.readLine().strip());
    assertEquals("", input.readLine());
    assertEquals("last", input.readLine());
    assertNull(input.readLine());
  }

  @Test
  void refusesALineOfAPipeThatIsNotUtf8() throws IOException {
    byte[] bytes = {'a', '\n', 'b', (byte) 0xc3, '\n'};
    ChatInput input = new ChatInput.Piped(new ByteArrayInputStream(bytes));
    assertEquals("a", input.readLine());
    FormatException e = assertThrows(FormatException.class, input::readLine);
    assertEquals("standard input, line 2: is not UTF-8 text at byte 1", e.getMessage());
  }

  @Test
  void editsAndRemembersTheLinesOfATerminal() throws IOException {
    try (ChatInput input = terminal()) {
      assertTrue(input.isInteractive());
      type("ello" + CTRL_A + "h\r");
      assertEquals("hello", input.readLine());
      type("who\r");
      assertEquals("who", input.readLine());
      type(CTRL_P + CTRL_P + "!\r");
      assertEquals("hello!", input.readLine());
    }
  }

  @Test
  void takesExclamationMarksAndBackslashesAsTheyAre() throws IOException {
    try (ChatInput input = terminal()) {
      type("what!! a \\n !x\r");
      assertEquals("what!! a \\n !x", input.readLine());
    }
  }

  @Test
  void endsAtCtrlD() throws IOException {
    try (ChatInput input = terminal()) {
      type(CTRL_D);
      assertNull(input.readLine());
    }
  }

  @Test
  void givesUpALineAtCtrlCAndEndsOnAnEmptyOne() throws IOException {
    try (ChatInput input = terminal()) {
      inBackground(
          () -> {
            awaitShown(PROMPT, 0);
            type("never mind");
            awaitShown("never mind", 0);
            int prompts = shown(PROMPT);
            type(CTRL_C);
            awaitShown(PROMPT, prompts);
            type("hello\r");
          });
      assertEquals("hello", input.readLine());
      int prompts = shown(PROMPT);
      inBackground(
          () -> {
            awaitShown(PROMPT, prompts);
            type(CTRL_C);
          });
      FailureHandler.Terminated end =
          assertThrows(FailureHandler.Terminated.class, input::readLine);
      assertEquals(130, end.code());
    }
  }

  @Test
  void stopsAnAnswerAtCtrlC(@TempDir Path folder) throws IOException {
    ModelOptions options = ModelOptions.defaults().backend("reference").notice(_ -> {});
    Sampling endless = Sampling.greedy().ignoreEnd(true).maxTokens(Integer.MAX_VALUE);
    try (LanguageModel model =
            LanguageModel.open(TinyModel.write(folder), options.contextLength(50_000));
        ChatInput input = terminal();
        Generation generation = model.generate("hello", endless)) {
      try (ChatInput.Interruption _ = input.onInterrupt(generation)) {
        generation.iterator().next();
        type(CTRL_C);
        assertEquals(FinishReason.CANCELLED, generation.result().finish());
      }
      type("on\r");
      assertEquals("on", input.readLine());
    }
  }

  private static ChatInput piped(String text) {
    return new ChatInput.Piped(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private ChatInput terminal() throws IOException {
    Terminal terminal =
        new ExternalTerminal("test", "xterm", new Keyboard(), screen, StandardCharsets.UTF_8);
    return new ChatInput.Interactive(terminal);
  }

  /** As a person does who waits for what is on the screen: a signal is not queued. */
  private static void inBackground(Runnable typing) {
    Thread.ofVirtual().start(typing);
  }

  private void awaitShown(String text, int timesBefore) {
    while (shown(text) <= timesBefore) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private int shown(String text) {
    return screen.toString(StandardCharsets.UTF_8).split(text, -1).length - 1;
  }

  private void type(String text) {
    for (byte key : text.getBytes(StandardCharsets.UTF_8)) {
      keys.add(key);
    }
  }

  /** What is typed, by any thread; a PipedInputStream ends with the thread that wrote to it. */
  private final class Keyboard extends InputStream {
    @Override
    public int read() throws IOException {
      try {
        return keys.take();
      } catch (InterruptedException _) {
        throw new InterruptedIOException();
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      bytes[offset] = (byte) read();
      return 1;
    }
  }
}
