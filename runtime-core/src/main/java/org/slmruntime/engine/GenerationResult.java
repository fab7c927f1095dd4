package org.slmruntime.engine;

import java.util.List;
import org.slmruntime.sampling.TokenChoice;

/**
 * How a generation went.
 *
 * @param text all of it, without stop strings
 * @param choices every token generated, in order, an end token included
 * @param promptTokens in the prompt, BOS included
 * @param prefillNanos from the start of the prompt's first step to the first token
 * @param decodeNanos from the first token to the last
 * @param seed of the random numbers, to repeat it
 */
public record GenerationResult(
    String text,
    List<TokenChoice> choices,
    FinishReason finish,
    int promptTokens,
    long prefillNanos,
    long decodeNanos,
    long seed) {
  public GenerationResult {
    choices = List.copyOf(choices);
  }

  /** Tokens generated. */
  public int completionTokens() {
    return choices.size();
  }
}
