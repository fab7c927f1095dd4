package org.slmruntime.eval;

import java.util.Arrays;
import java.util.List;

/**
 * A multiple-choice question as a model's tokens. Arrays are not to be written.
 *
 * @param prompt what all choices continue, at least one token
 * @param continuations of each choice, at least one token
 * @param lengths characters of each choice (Unicode code points)
 * @param answer index of the right one
 */
public record EncodedChoices(int[] prompt, List<int[]> continuations, int[] lengths, int answer) {
  public EncodedChoices {
    continuations = List.copyOf(continuations);
    int choices = continuations.size();
    if (prompt.length == 0 || continuations.stream().anyMatch(ids -> ids.length == 0)) {
      throw new EvaluationException("the prompt or a choice has no tokens");
    }
    if (lengths.length != choices || Arrays.stream(lengths).anyMatch(n -> n < 1)) {
      throw new EvaluationException(
          choices + " choices cannot have the lengths " + Arrays.toString(lengths));
    }
    if (answer < 0 || answer >= choices) {
      throw new EvaluationException("the answer is " + answer + ", not in 0.." + (choices - 1));
    }
  }
}
