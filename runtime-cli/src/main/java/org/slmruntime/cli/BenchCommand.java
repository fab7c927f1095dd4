package org.slmruntime.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.DoubleSupplier;
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
  private static final int WARM_UP_RUNS = 20;
  private static final long WARM_UP_NANOS = 2_000_000_000L;

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
  private ModelRunner.Sequence[] sequences;

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
      sequences = new ModelRunner.Sequence[batch];
      Arrays.setAll(sequences, _ -> filled());
      report(prompt == 0 ? 0 : measure(this::prefill), decode == 0 ? 0 : measure(this::decode));
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

  /** A sequence with {@code depth} tokens in the cache. */
  private ModelRunner.Sequence filled() {
    ModelRunner.Sequence sequence = runner.newSequence();
    runner.forwardLast(sequence, ids(depth), (_, _, _) -> {});
    return sequence;
  }

  /** The median of the repetitions, once warm. */
  private double measure(DoubleSupplier speed) {
    warmUp(speed);
    double[] speeds = new double[repeat];
    Arrays.setAll(speeds, _ -> speed.getAsDouble());
    return median(speeds);
  }

  /**
   * Runs until the compiler has done its work: for a while, and until a run is no faster than those
   * before it.
   */
  private static void warmUp(DoubleSupplier speed) {
    long start = System.nanoTime();
    double best = 0;
    boolean faster = true;
    for (int i = 0; i < WARM_UP_RUNS; i++) {
      if (!faster && System.nanoTime() - start > WARM_UP_NANOS) {
        return;
      }
      double now = speed.getAsDouble();
      faster = now > 1.02 * best;
      best = Math.max(best, now);
    }
  }

  private double prefill() {
    sequences[0].truncate(depth);
    int[] ids = ids(prompt);
    long start = System.nanoTime();
    runner.forwardLast(sequences[0], ids, (_, _, _) -> {});
    return Output.perSecond(prompt, System.nanoTime() - start);
  }

  private double decode() {
    for (ModelRunner.Sequence sequence : sequences) {
      sequence.truncate(depth);
    }
    long start = System.nanoTime();
    for (int i = 0; i < decode; i++) {
      runner.decode(sequences, ids(batch));
    }
    return Output.perSecond((long) decode * batch, System.nanoTime() - start);
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
