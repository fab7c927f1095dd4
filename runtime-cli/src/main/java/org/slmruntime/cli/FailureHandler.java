package org.slmruntime.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import org.slmruntime.SlmException;
import picocli.CommandLine;

/** One line per failure; the stack trace only with {@code --debug}. */
final class FailureHandler implements CommandLine.IExecutionExceptionHandler {
  private final Slm slm;

  FailureHandler(Slm slm) {
    this.slm = slm;
  }

  @Override
  public int handleExecutionException(
      Exception e, CommandLine line, CommandLine.ParseResult parsed) {
    if (e instanceof Terminated terminated) {
      return terminated.code();
    }
    line.getOut().flush();
    line.getErr().println("slm: " + oneLine(e));
    if (slm.debug) {
      e.printStackTrace(line.getErr());
    }
    line.getErr().flush();
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static String oneLine(Exception e) {
    String text =
        switch (e) {
          case SlmException s -> s.getMessage();
          case FileSystemException f ->
              f.getFile() + ": " + (f.getReason() == null ? reason(f) : f.getReason());
          case IOException io -> io.getMessage() == null ? io.toString() : io.getMessage();
          default -> "unexpected failure: " + e + " (run again with --debug for details)";
        };
    return text.replaceAll("\\s*[\\r\\n]+\\s*", " ");
  }

  private static String reason(FileSystemException e) {
    return switch (e) {
      case java.nio.file.NoSuchFileException _ -> "no such file";
      case java.nio.file.AccessDeniedException _ -> "permission denied";
      default -> e.getClass().getSimpleName();
    };
  }

  /** Ends a command quietly with an exit code. */
  static final class Terminated extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int code;

    Terminated(int code) {
      super("exit " + code, null, false, false);
      this.code = code;
    }

    int code() {
      return code;
    }
  }
}
