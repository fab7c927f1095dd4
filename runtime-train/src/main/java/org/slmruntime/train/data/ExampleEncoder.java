package org.slmruntime.train.data;

import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slmruntime.json.JsonException;
import org.slmruntime.json.JsonLines;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.chat.ChatTemplates;

/**
 * Turns a row into a model's tokens, and says which of them are to be learned. A row is one of
 *
 * <ul>
 *   <li>{@code {"messages": [{"role": "user", "content": "..."}, ...]}}, optionally with {@code
 *       "tools"}: what the assistant says, in the model's chat template;
 *   <li>{@code {"prompt": "...", "completion": "..."}}: the completion and the end of the text;
 *   <li>{@code {"text": "..."}}: all of it and the end of the text.
 * </ul>
 *
 * Other keys are ignored. Special tokens that are written in a row become tokens, as in prompts.
 * Immutable.
 */
public final class ExampleEncoder {
  private static final String MESSAGES = "messages";
  private static final String PROMPT = "prompt";
  private static final String COMPLETION = "completion";
  private static final String TEXT = "text";

  private final Tokenizer tokenizer;
  private final Optional<ConversationEncoder> conversations;
  private final int maxTokens;

  /**
   * @param templates the model's; without them there are no conversations
   * @param clock what templates take for today; a fixed one for the same tokens on another day
   * @param maxTokens most tokens of an example, at least 2
   */
  public ExampleEncoder(
      Tokenizer tokenizer, Optional<ChatTemplates> templates, Clock clock, int maxTokens) {
    this.tokenizer = tokenizer;
    this.conversations = templates.map(t -> new ConversationEncoder(tokenizer, t, clock));
    this.maxTokens = maxTokens;
  }

  /** Most tokens of an example. */
  public int maxTokens() {
    return maxTokens;
  }

  /**
   * The row's texts: mostly one.
   *
   * @throws JsonException naming the row, if it is malformed or nothing in it can be learned
   */
  List<MarkedTokens> encode(JsonLines.Row row) {
    List<String> kinds =
        List.of(MESSAGES, PROMPT, TEXT).stream().filter(row.values()::containsKey).toList();
    if (kinds.size() != 1) {
      throw row.error(
          "must have either \"messages\", or \"prompt\" and \"completion\", or \"text\""
              + (kinds.isEmpty() ? "" : " but has " + String.join(" and ", kinds)));
    }
    return switch (kinds.getFirst()) {
      case MESSAGES ->
          conversations
              .orElseThrow(
                  () -> row.error("the model has no chat template, which \"messages\" need"))
              .encode(row);
      case PROMPT -> List.of(continued(row, row.string(PROMPT), row.string(COMPLETION)));
      default -> List.of(continued(row, "", row.string(TEXT)));
    };
  }

  /**
   * Both parts are encoded as one text, as the model would see it; a token that crosses the border
   * is learned.
   */
  private MarkedTokens continued(JsonLines.Row row, String prompt, String completion) {
    if (completion.isEmpty()) {
      throw row.error("there is no text to learn");
    }
    int[] before = ids(prompt);
    MarkedTokens tokens = MarkedTokens.of(ids(prompt + completion));
    int differs = Arrays.mismatch(before, tokens.ids());
    tokens.mark(differs < 0 ? before.length : differs, tokens.ids().length);
    MarkedTokens ended = tokens.ended(tokenizer);
    if (ended.firstLearned() < 0) {
      throw row.error("has one token, which nothing comes before");
    }
    return differs >= 0 && differs < before.length ? ended.crossing() : ended;
  }

  private int[] ids(String text) {
    return tokenizer.withBos(tokenizer.encode(text, false, true));
  }
}
