package org.slmruntime.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.json.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures prefill and decode speed as llama-bench does: random tokens, warm, medians. */
@Command(
    name = "bench",
    description = "Measure prefill and decode speed with random tokens, warm; medians.",
    footer = {
      "",
      "Examples:",
      "  slm bench model.gguf",
      "  slm bench model.gguf -p 512 -n 0 --json"
    })
final class BenchCommand implements Callable<Integer> {
  private static final int MAX_TOKENS = 1 << 20;
  private static final int MAX_BATCH = 4096;
  private static final int MAX_REPEAT = 1000;

  @Mixin ModelArguments model;

  @Option(
      names = "-p",
      paramLabel = "N",
      defaultValue = "512",
      description = "Prompt tokens (default: ${DEFAULT-VALUE}).")
  int prompt;

  @Option(
      names = "-n",
      paramLabel = "N",
      defaultValue = "128",
      description = "Decoded tokens (default: ${DEFAULT-VALUE}).")
  int decode;

  @Option(
      names = "-b",
      paramLabel = "B",
      defaultValue = "1",
      description = "Sequences decoded at once (default: ${DEFAULT-VALUE}).")
  int batch;

  @Option(
      names = "--depth",
      paramLabel = "D",
      defaultValue = "0",
      description = "Tokens already in the cache (default: ${DEFAULT-VALUE}).")
  int depth;

  @Option(
      names = "--repeat",
      paramLabel = "R",
      defaultValue = "3",
      description = "Measured repetitions (default: ${DEFAULT-VALUE}).")
  int repeat;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Spec CommandSpec spec;

  private final SplittableRandom random = new SplittableRandom(1);
  private ModelRunner runner;

  @Override
  public Integer call() {
    check();
    int needed = depth + Math.max(prompt, decode) + 1;
    if (model.context > 0 && model.context < needed) {
      throw new ParameterException(
          spec.commandLine(),
          "--ctx must be at least " + needed + " for these sizes but is " + model.context);
    }
    ModelOptions options =
        model.options().maxSequences(batch).contextLength(Math.max(model.context, needed));
    try (ModelRunner opened = ModelRunner.open(model.path(), options)) {
      runner = opened;
      warmUp();
      double[] prefill = new double[repeat];
      double[] decoding = new double[repeat];
      for (int i = 0; i < repeat; i++) {
        prefill[i] = prompt == 0 ? 0 : prefillSpeed();
        decoding[i] = decode == 0 ? 0 : decodeSpeed(decode);
      }
      report(median(prefill), median(decoding));
    }
    return 0;
  }

  private void check() {
    require("-p", prompt, 0, MAX_TOKENS);
    require("-n", decode, 0, MAX_TOKENS);
    require("-b", batch, 1, MAX_BATCH);
    require("--depth", depth, 0, MAX_TOKENS);
    require("--repeat", repeat, 1, MAX_REPEAT);
    if (prompt == 0 && decode == 0) {
      throw new ParameterException(spec.commandLine(), "-p 0 and -n 0 leave nothing to measure");
    }
  }

  private void require(String option, int value, int min, int max) {
    if (value < min || value > max) {
      throw new ParameterException(
          spec.commandLine(), option + " must be in " + min + ".." + max + " but is " + value);
    }
  }

  /** Runs both until the compiler has seen every path often enough. */
  private void warmUp() {
    long end = System.nanoTime() + 3_000_000_000L;
    for (int i = 0; i < 20 && (i < 2 || System.nanoTime() < end); i++) {
      if (prompt > 0) {
        prefillSpeed();
      }
      if (decode > 0) {
        decodeSpeed(Math.min(decode, 16));
      }
    }
  }

  private double prefillSpeed() {
    try (ModelRunner.Sequence sequence = runner.newSequence()) {
      fill(sequence);
      long start = System.nanoTime();
      runner.forwardLast(sequence, ids(prompt), (_, _, _) -> {});
      return Output.perSecond(prompt, System.nanoTime() - start);
    }
  }

  private double decodeSpeed(int tokens) {
    ModelRunner.Sequence[] sequences = new ModelRunner.Sequence[batch];
    for (int i = 0; i < batch; i++) {
      sequences[i] = runner.newSequence();
      fill(sequences[i]);
    }
    long start = System.nanoTime();
    for (int i = 0; i < tokens; i++) {
      runner.decode(sequences, ids(batch));
    }
    double speed = Output.perSecond(tokens * batch, System.nanoTime() - start);
    Arrays.stream(sequences).forEach(ModelRunner.Sequence::close);
    return speed;
  }

  private void fill(ModelRunner.Sequence sequence) {
    if (depth > 0) {
      runner.forwardLast(sequence, ids(depth), (_, _, _) -> {});
    }
  }

  private int[] ids(int count) {
    int vocabulary = runner.model().vocabulary();
    int[] ids = new int[count];
    Arrays.setAll(ids, _ -> random.nextInt(vocabulary));
    return ids;
  }

  private void report(double prefill, double decoding) {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("model", runner.model().file().source());
    result.put("backend", runner.backendDescription());
    result.put("prompt_tokens", prompt);
    result.put("decode_tokens", decode);
    result.put("batch", batch);
    result.put("depth", depth);
    result.put("repeat", repeat);
    result.put("prefill_tokens_per_second", prefill);
    result.put("decode_tokens_per_second", decoding);
    if (json) {
      out.println(Json.write(result));
    } else {
      if (prompt > 0) {
        out.printf(Locale.ROOT, "prefill %d: %.2f tokens/s%n", prompt, prefill);
      }
      if (decode > 0) {
        out.printf(Locale.ROOT, "decode %d x %d: %.2f tokens/s%n", decode, batch, decoding);
      }
    }
    out.flush();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  }
}
