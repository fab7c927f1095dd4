package org.slmruntime.eval;

import java.util.List;

/**
 * A question with several answers, one of them right. Immutable.
 *
 * @param source where it comes from, for messages, e.g. a file and line
 * @param message what a user of a chat says
 * @param prompt the text that an answer continues where there is no chat
 * @param choices the answers, two to {@value #MAX_CHOICES}, none empty
 * @param answer index of the right one
 */
public record ChoiceQuestion(
    String source, String message, String prompt, List<String> choices, int answer) {
  /** As many as there are letters. */
  public static final int MAX_CHOICES = 26;

  public ChoiceQuestion {
    choices = List.copyOf(choices);
    if (choices.size() < 2 || choices.size() > MAX_CHOICES) {
      throw new EvaluationException(
          source + ": has " + choices.size() + " choices, not 2 to " + MAX_CHOICES);
    }
    if (choices.contains("")) {
      throw new EvaluationException(source + ": choice " + choices.indexOf("") + " is empty");
    }
    if (answer < 0 || answer >= choices.size()) {
      throw new EvaluationException(
          source + ": the answer is " + answer + ", not in 0.." + (choices.size() - 1));
    }
  }

  /** A question in words, put as {@code Question: ... Answer:} on two lines where none chats. */
  public static ChoiceQuestion ofQuestion(
      String source, String question, List<String> choices, int answer) {
    String prompt = "Question: " + question + "\nAnswer:";
    return new ChoiceQuestion(source, question, prompt, choices, answer);
  }

  /** A text to be continued as it is. */
  public static ChoiceQuestion ofPrompt(
      String source, String prompt, List<String> choices, int answer) {
    return new ChoiceQuestion(source, prompt, prompt, choices, answer);
  }
}
