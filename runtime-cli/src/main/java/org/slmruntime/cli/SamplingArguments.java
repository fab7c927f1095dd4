package org.slmruntime.cli;

import java.util.List;
import org.slmruntime.sampling.Sampling;
import picocli.CommandLine.Option;

/** How tokens are chosen: the same for every command that generates. */
final class SamplingArguments {
  @Option(
      names = {"-n", "--max-tokens"},
      paramLabel = "N",
      defaultValue = "-1",
      description = "Most new tokens (default: until the model ends or the context is full).")
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

  Sampling sampling() {
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
}
