package org.slmruntime.benchmarks.compare;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.benchmarks.models.Mix;
import org.slmruntime.benchmarks.models.ModelFolder.Model;

/**
 * llama3.java, the fastest other program in Java. It measures nothing by itself but prints the
 * speed of the prompt and of the rest, without warm-up, so that it starts anew each time. It knows
 * Llama's graph, one sequence, and files of one format.
 *
 * @param jar of a build of it
 */
record Llama3JavaContestant(Path jar, int threads) implements Contestant {
  private static final Pattern SPEEDS =
      Pattern.compile("prompt: ([0-9.]+) tokens/s \\(\\d+\\) generation: ([0-9.]+) tokens/s");
  private static final int PROMPT = 512;
  private static final int DECODE = 128;

  @Override
  public String name() {
    return Report.LLAMA3_JAVA;
  }

  @Override
  public boolean enters(Model model, Cell cell) {
    return model.shape().architecture().equals("llama")
        && model.mix() != Mix.Q4_K_M
        && cell.batch() == 1
        && cell.depth() == 0;
  }

  @Override
  public Ready prepare(Path file, Cell cell) {
    return () -> measure(file, cell);
  }

  private double measure(Path file, Cell cell) {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules=jdk.incubator.vector",
            "-Djava.util.concurrent.ForkJoinPool.common.parallelism=" + threads,
            "-jar",
            jar.toString(),
            "--model",
            file.toString(),
            "--prompt",
            // Each byte is a token.
            "x".repeat(PROMPT),
            "--max-tokens",
            Integer.toString(PROMPT + DECODE),
            "--stream",
            "false");
    ProcessRun run = ProcessRun.of(command, Map.of(), jar.toAbsolutePath().getParent());
    return speed(run.out() + run.err(), cell);
  }

  static double speed(String printed, Cell cell) {
    Matcher speeds = SPEEDS.matcher(printed);
    if (!speeds.find()) {
      throw new BenchmarkException("llama3.java printed no speeds: " + printed.strip());
    }
    return Double.parseDouble(speeds.group(cell.prompt() > 0 ? 1 : 2));
  }
}
