package org.slmruntime.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.json.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Measures prefill and decode speed as llama-bench does: random tokens, warm, medians. */
@Command(
    name = "bench",
    description = "Measure prefill and decode speed with random tokens, warm; medians.",
    footer = {
      "",
      "Examples:",
      "  slm bench model.gguf",
      "  slm bench model.gguf -p 512 -n 0 --json",
      "  slm bench model.gguf --on-request"
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

  @Option(
      names = "--on-request",
      description = "Once warm, say so, and then measure for each line of standard input.")
  boolean onRequest;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @ParentCommand Slm slm;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    check();
    int needed = depth + Math.max(prompt, decode) + 1;
    if (model.context > 0 && model.context < needed) {
      throw new ParameterException(
          spec.commandLine(),
          "--ctx must be at least " + needed + " for these sizes but is " + model.context);
    }
    ModelOptions options =
        model.options().maxSequences(batch).contextLength(Math.max(model.context, needed));
    try (ModelRunner runner = ModelRunner.open(model.path(), options)) {
      Bench bench = new Bench(runner, batch, depth);
      bench.warmUp(prompt, decode);
      if (onRequest) {
        answer(runner, bench);
      } else {
        measure(runner, bench);
      }
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

  /** Measures once for each line that comes. */
  private void answer(ModelRunner runner, Bench bench) throws IOException {
    print(json ? Json.write(Map.of("ready", true)) : "ready");
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(slm.in(), StandardCharsets.UTF_8));
    while (requests.readLine() != null) {
      measure(runner, bench);
    }
  }

  private void measure(ModelRunner runner, Bench bench) {
    double prefill = prompt == 0 ? 0 : median(() -> bench.prefill(prompt));
    double decoding = decode == 0 ? 0 : median(() -> bench.decode(decode));
    if (json) {
      print(Json.write(result(runner, prefill, decoding)));
      return;
    }
    if (prompt > 0) {
      print(String.format(Locale.ROOT, "prefill %d: %.2f tokens/s", prompt, prefill));
    }
    if (decode > 0) {
      print(String.format(Locale.ROOT, "decode %d x %d: %.2f tokens/s", decode, batch, decoding));
    }
  }

  private Map<String, Object> result(ModelRunner runner, double prefill, double decoding) {
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
    return result;
  }

  /** Prints a line that whoever waits for it sees at once. */
  private void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }

  private double median(DoubleSupplier speed) {
    double[] speeds = DoubleStream.generate(speed).limit(repeat).sorted().toArray();
    return (speeds[(repeat - 1) / 2] + speeds[repeat / 2]) / 2;
  }
}
