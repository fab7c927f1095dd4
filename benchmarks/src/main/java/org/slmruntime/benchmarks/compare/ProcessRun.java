package org.slmruntime.benchmarks.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slmruntime.benchmarks.BenchmarkException;

/** What a program that ended well has printed. */
record ProcessRun(String out, String err) {
  private static final long MINUTES = 30;
  private static final int TOLD_LINES = 5;

  /**
   * Runs a program to its end.
   *
   * @param environment added to this process's own
   * @throws BenchmarkException if it cannot be started, fails or takes too long, with its last
   *     words
   */
  static ProcessRun of(List<String> command, Map<String, String> environment, Path folder) {
    try {
      Path out = Files.createTempFile("slm-compare", ".out");
      Path err = Files.createTempFile("slm-compare", ".err");
      try {
        return run(command, environment, folder, out, err);
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new BenchmarkException(command.getFirst() + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw new BenchmarkException("interrupted while " + command.getFirst() + " ran", e);
    }
  }

  private static ProcessRun run(
      List<String> command, Map<String, String> environment, Path folder, Path out, Path err)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    int code;
    try (ChildProcess child = ChildProcess.start(builder)) {
      child.process().getOutputStream().close();
      if (!child.process().waitFor(MINUTES, TimeUnit.MINUTES)) {
        throw new BenchmarkException(
            command.getFirst() + " has not ended after " + MINUTES + " minutes");
      }
      code = child.process().exitValue();
    }
    ProcessRun run = new ProcessRun(text(out), text(err));
    if (code != 0) {
      throw new BenchmarkException(
          command.getFirst() + " failed with " + code + ": " + lastWords(run.out + "\n" + run.err));
    }
    return run;
  }

  /** The end of what a program has printed. */
  static String lastWords(String printed) {
    List<String> lines = printed.lines().filter(line -> !line.isBlank()).toList();
    return String.join(" / ", lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size()));
  }

  static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
