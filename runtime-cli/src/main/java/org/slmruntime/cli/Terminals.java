package org.slmruntime.cli;

import java.io.IOException;
import org.jline.terminal.spi.SystemStream;
import org.jline.terminal.spi.TerminalProvider;

/**
 * Which standard streams are a terminal. {@link System#console} tells only of input and output
 * together, and each may be redirected by itself.
 */
final class Terminals {
  private Terminals() {}

  static boolean isInput() {
    return is(SystemStream.Input);
  }

  static boolean isOutput() {
    return is(SystemStream.Output);
  }

  static boolean isError() {
    return is(SystemStream.Error);
  }

  private static boolean is(SystemStream stream) {
    try {
      return TerminalProvider.load("ffm").isSystemStream(stream);
    } catch (IOException | LinkageError _) {
      // JLine cannot ask this system.
      return System.console() != null && System.console().isTerminal();
    }
  }
}
