package org.slmruntime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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
    return report(e, line.getErr());
  }

  /** Tells what went wrong and returns the exit code for it. */
  int report(Throwable e, PrintWriter err) {
    err.println("slm: " + Output.oneLine(message(e)));
    if (slm.debug) {
      e.printStackTrace(err);
    }
    err.flush();
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static String message(Throwable e) {
    return switch (e) {
      case SlmException s when s.getMessage() != null -> s.getMessage();
      case FileSystemException f -> f.getFile() + ": " + reason(f);
      case UncheckedIOException u -> message(u.getCause());
      case IOException io when io.getMessage() != null -> io.getMessage();
      case OutOfMemoryError m ->
          "out of memory: " + m.getMessage() + "; SLM_JAVA_OPTS=-Xmx8g allows Java 8 GiB of heap";
      default -> "unexpected failure: " + e + " (run again with --debug for details)";
    };
  }

  private static String reason(FileSystemException e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such file";
      case AccessDeniedException _ -> "permission denied";
      default -> e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
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
