package org.slmruntime.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.slmruntime.engine.Generation;

/** Lines of a conversation: edited and remembered on a terminal, plain ones from a pipe. */
interface ChatInput extends AutoCloseable {
  /**
   * The next line, or null at the end.
   *
   * @throws FailureHandler.Terminated if the user wants to leave at once
   */
  String readLine() throws IOException;

  boolean isInteractive();

  /** Until closed, Ctrl-C cancels the generation; without a terminal it ends the process too. */
  Interruption onInterrupt(Generation generation);

  @Override
  void close() throws IOException;

  /** What Ctrl-C means, until closed. */
  interface Interruption extends AutoCloseable {
    @Override
    void close();
  }

  static ChatInput open(InputStream in) throws IOException {
    return Terminals.isInput() && Terminals.isOutput()
        ? new Interactive(TerminalBuilder.builder().system(true).build())
        : new Piped(in);
  }

  /** A person at a terminal. */
  final class Interactive implements ChatInput {
    private final Terminal terminal;
    private final LineReader reader;

    Interactive(Terminal terminal) {
      this.terminal = terminal;
      this.reader = LineReaderBuilder.builder().terminal(terminal).build();
      reader.option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
    }

    /** Ctrl-C gives up the line, and on an empty one the conversation, as in a shell. */
    @Override
    public String readLine() {
      while (true) {
        try {
          return reader.readLine("> ");
        } catch (EndOfFileException _) {
          return null;
        } catch (UserInterruptException e) {
          if (e.getPartialLine().isBlank()) {
            throw new FailureHandler.Terminated(Interrupt.EXIT_CODE);
          }
        }
      }
    }

    @Override
    public boolean isInteractive() {
      return true;
    }

    @Override
    public Interruption onInterrupt(Generation generation) {
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
    private final InputStream in;
    private int lines;

    Piped(InputStream in) {
      this.in = new BufferedInputStream(in);
    }

    @Override
    public String readLine() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      int next = in.read();
      if (next < 0) {
        return null;
      }
      for (; next >= 0 && next != '\n'; next = in.read()) {
        line.write(next);
      }
      lines++;
      return TextInput.decode("standard input, line " + lines, line.toByteArray());
    }

    @Override
    public boolean isInteractive() {
      return false;
    }

    @Override
    public Interruption onInterrupt(Generation generation) {
      Interrupt interrupt = new Interrupt(generation);
      return interrupt::close;
    }

    @Override
    public void close() {
      // Standard input is not ours to close.
    }
  }
}
