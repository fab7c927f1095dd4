package org.slmruntime.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.slmruntime.engine.Generation;

/** Lines of a conversation: edited and remembered on a terminal, plain ones from a pipe. */
interface ChatInput extends AutoCloseable {
  /** The next line, or null at the end (Ctrl-D, or Ctrl-C at the prompt). */
  String readLine() throws IOException;

  boolean isInteractive();

  /** Until closed, Ctrl-C cancels the generation; without a terminal it ends the process too. */
  AutoCloseable onInterrupt(Generation generation);

  @Override
  void close() throws IOException;

  static ChatInput open(InputStream in) throws IOException {
    return TextInput.isTerminal() ? new Interactive() : new Piped(in);
  }

  /** A person at a terminal. */
  final class Interactive implements ChatInput {
    private final Terminal terminal = TerminalBuilder.builder().system(true).build();
    private final LineReader reader = LineReaderBuilder.builder().terminal(terminal).build();

    Interactive() throws IOException {
      reader.option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
    }

    @Override
    public String readLine() {
      try {
        return reader.readLine("> ");
      } catch (EndOfFileException | UserInterruptException _) {
        return null;
      }
    }

    @Override
    public boolean isInteractive() {
      return true;
    }

    @Override
    public AutoCloseable onInterrupt(Generation generation) {
      Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, _ -> generation.close());
      return () -> terminal.handle(Terminal.Signal.INT, before);
    }

    @Override
    public void close() throws IOException {
      terminal.close();
    }
  }

  /** One question a line. */
  final class Piped implements ChatInput {
    private final BufferedReader reader;

    Piped(InputStream in) {
      reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    @Override
    public String readLine() throws IOException {
      return reader.readLine();
    }

    @Override
    public boolean isInteractive() {
      return false;
    }

    @Override
    public AutoCloseable onInterrupt(Generation generation) {
      return new Interrupt(generation);
    }

    @Override
    public void close() {
      // Standard input is not ours to close.
    }
  }
}
