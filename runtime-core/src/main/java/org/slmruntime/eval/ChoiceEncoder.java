package org.slmruntime.eval;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slmruntime.tokenizer.chat.ChatTemplates;
import org.slmruntime.tokenizer.chat.TemplateException;
import org.slmruntime.tokenizer.chat.TemplateLimits;

/**
 * Turns multiple-choice questions into a model's tokens. Prompt and choice are encoded as one text,
 * as the model would see it, and split where the prompt's own tokens end; where a token crosses
 * that border, the split is before it, at the same place for all choices, so that all are scored
 * from the same start.
 */
public final class ChoiceEncoder {
  private final EvaluatedModel model;
  private final boolean chat;
  private final Function<ChoiceQuestion, String> prompts;

  private ChoiceEncoder(
      EvaluatedModel model, boolean chat, Function<ChoiceQuestion, String> prompts) {
    this.model = model;
    this.chat = chat;
    this.prompts = prompts;
  }

  /**
   * Choices continue the question's prompt, after a space where neither has white space there (as
   * the LM Evaluation Harness puts one). Special tokens written in them are text.
   */
  public static ChoiceEncoder plain(EvaluatedModel model) {
    return new ChoiceEncoder(model, false, ChoiceQuestion::prompt);
  }

  /**
   * The question's message is a user's, rendered by the model's chat template up to where the
   * answer begins; choices are the answer. Special tokens in this text become tokens.
   *
   * @param clock what templates take for today; a fixed one for results that stay the same
   * @throws EvaluationException if the model has no chat template
   */
  public static ChoiceEncoder chat(EvaluatedModel model, Clock clock) {
    ChatTemplates templates =
        ChatTemplates.fromGguf(model.runner().model().file().metadata(), model.tokenizer())
            .orElseThrow(() -> new EvaluationException(model.source() + ": has no chat template"));
    return new ChoiceEncoder(model, true, question -> render(templates, question, clock));
  }

  private static String render(ChatTemplates templates, ChoiceQuestion question, Clock clock) {
    List<?> messages = List.of(Map.of("role", "user", "content", question.message()));
    try {
      return templates.render(messages, null, true, Map.of(), clock, TemplateLimits.defaults());
    } catch (TemplateException e) {
      throw new EvaluationException(
          question.source() + ": " + e.raised().orElse(e.getMessage()), e);
    }
  }

  /**
   * Encodes a question.
   *
   * @throws EvaluationException naming the question's source, if nothing comes before the choices,
   *     a choice adds nothing to the prompt, or both together exceed the context
   */
  public EncodedChoices encode(ChoiceQuestion question) {
    String prompt = prompts.apply(question);
    int[] alone = ids(prompt);
    List<int[]> whole = new ArrayList<>();
    int shared = alone.length;
    for (String choice : question.choices()) {
      int[] ids = ids(prompt + space(prompt, choice) + choice);
      int differs = Arrays.mismatch(alone, ids);
      shared = differs < 0 ? shared : Math.min(shared, differs);
      whole.add(ids);
    }
    if (shared == 0) {
      throw new EvaluationException(
          question.source() + ": no token of the prompt comes before the choices");
    }
    List<int[]> continuations = new ArrayList<>();
    for (int[] ids : whole) {
      check(question, ids, shared, continuations.size());
      continuations.add(Arrays.copyOfRange(ids, shared, ids.length));
    }
    return new EncodedChoices(
        Arrays.copyOf(alone, shared),
        continuations,
        question.choices().stream().mapToInt(c -> c.codePointCount(0, c.length())).toArray(),
        question.answer());
  }

  private void check(ChoiceQuestion question, int[] ids, int shared, int choice) {
    if (ids.length <= shared) {
      throw new EvaluationException(
          question.source() + ": choice " + choice + " adds no token to the prompt");
    }
    int context = model.runner().contextLength();
    if (ids.length > context) {
      throw new EvaluationException(
          question.source()
              + ": prompt and choice "
              + choice
              + " have "
              + ids.length
              + " tokens; the context has "
              + context);
    }
  }

  private int[] ids(String text) {
    return model.tokenizer().withBos(model.tokenizer().encode(text, false, chat));
  }

  private String space(String prompt, String choice) {
    boolean apart =
        prompt.isEmpty()
            || Character.isWhitespace(prompt.codePointBefore(prompt.length()))
            || Character.isWhitespace(choice.codePointAt(0));
    return chat || apart ? "" : " ";
  }
}
