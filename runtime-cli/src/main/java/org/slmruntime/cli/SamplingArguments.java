package org.slmruntime.cli;

import java.util.List;
import org.slmruntime.sampling.Sampling;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How tokens are chosen: the same for every command that generates. */
final class SamplingArguments {
  @Option(
      names = {"-n", "--max-tokens"},
      paramLabel = "N",
      defaultValue = "-1",
      description = "Most new tokens; -1 for no limit but the context (default: ${DEFAULT-VALUE}).")
  int maxTokens;

  @Option(
      names = "--temp",
      paramLabel = "T",
      defaultValue = "0.8",
      description = "Temperature; 0 is greedy (default: ${DEFAULT-VALUE}).")
  float temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "40",
      description = "Only the K most likely; 0 for all (default: ${DEFAULT-VALUE}).")
  int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "0.95",
      description = "Only the likeliest of this mass (default: ${DEFAULT-VALUE}).")
  float topP;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      defaultValue = "0.05",
      description = "Only those this likely beside the best (default: ${DEFAULT-VALUE}).")
  float minP;

  @Option(
      names = "--typical",
      paramLabel = "P",
      defaultValue = "1",
      description = "Only the locally typical of this mass (default: ${DEFAULT-VALUE}).")
  float typicalP;

  @Option(
      names = "--repeat-penalty",
      paramLabel = "X",
      defaultValue = "1",
      description = "Penalize tokens seen (default: ${DEFAULT-VALUE}, none).")
  float repetitionPenalty;

  @Option(
      names = "--presence-penalty",
      paramLabel = "X",
      defaultValue = "0",
      description = "Subtracted from logits of tokens seen (default: ${DEFAULT-VALUE}).")
  float presencePenalty;

  @Option(
      names = "--frequency-penalty",
      paramLabel = "X",
      defaultValue = "0",
      description = "Subtracted per occurrence (default: ${DEFAULT-VALUE}).")
  float frequencyPenalty;

  @Option(
      names = "--penalty-window",
      paramLabel = "N",
      defaultValue = "64",
      description = "Last tokens that count as seen (default: ${DEFAULT-VALUE}).")
  int penaltyWindow;

  @Option(names = "--seed", paramLabel = "S", description = "Repeat a random choice.")
  Long seed;

  @Option(names = "--stop", paramLabel = "TEXT", description = "End before this text; repeatable.")
  List<String> stop = List.of();

  @Option(names = "--ignore-eos", description = "Go on where the model would end.")
  boolean ignoreEos;

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  /** What was given, checked before any file is opened. */
  Sampling sampling() {
    check();
    Sampling sampling =
        Sampling.defaults()
            .maxTokens(maxTokens < 0 ? Integer.MAX_VALUE : maxTokens)
            .temperature(temperature)
            .topK(topK)
            .topP(topP)
            .minP(minP)
            .typicalP(typicalP)
            .repetitionPenalty(repetitionPenalty)
            .presencePenalty(presencePenalty)
            .frequencyPenalty(frequencyPenalty)
            .penaltyWindow(penaltyWindow)
            .stopStrings(stop)
            .ignoreEnd(ignoreEos);
    return seed == null ? sampling : sampling.seed(seed);
  }

  private void check() {
    require("--max-tokens", maxTokens, maxTokens >= -1, "at least -1");
    require("--temp", temperature, temperature >= 0 && temperature <= 1000, "in 0..1000");
    require("--top-k", topK, topK >= 0, "0 or more");
    require("--top-p", topP, topP > 0 && topP <= 1, "above 0 and at most 1");
    require("--min-p", minP, minP >= 0 && minP <= 1, "in 0..1");
    require("--typical", typicalP, typicalP > 0 && typicalP <= 1, "above 0 and at most 1");
    require(
        "--repeat-penalty",
        repetitionPenalty,
        repetitionPenalty > 0 && repetitionPenalty < 1e6,
        "positive and below 1000000");
    require(
        "--presence-penalty",
        presencePenalty,
        Math.abs(presencePenalty) <= 1e6,
        "in -1000000..1000000");
    require(
        "--frequency-penalty",
        frequencyPenalty,
        Math.abs(frequencyPenalty) <= 1e6,
        "in -1000000..1000000");
    require("--penalty-window", penaltyWindow, penaltyWindow >= 0, "0 or more");
    require("--stop", "empty", stop.stream().noneMatch(String::isEmpty), "some text");
    int stops = stop.size();
    require("--stop", stops + " times", stops <= Sampling.MAX_STOPS, "at most 64 times");
  }

  private void require(String option, Object value, boolean valid, String range) {
    if (!valid) {
      throw new ParameterException(
          spec.commandLine(), option + " must be " + range + " but is " + value);
    }
  }
}
