package org.slmruntime.train.data;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.slmruntime.json.Json;
import org.slmruntime.json.JsonException;
import org.slmruntime.json.JsonLines;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.chat.ChatTemplates;
import org.slmruntime.tokenizer.chat.TemplateException;
import org.slmruntime.tokenizer.chat.TemplateLimits;

/**
 * Conversations as the model sees them: by its own template, with the answers to be learned, each
 * with the token that ends it. Which text is an answer is found by comparing what the template
 * makes of the messages up to it with what it makes of those before it, so no template needs to be
 * known. Immutable.
 */
final class ConversationEncoder {
  /** Most messages of a row; each answer is rendered by itself. */
  static final int MAX_MESSAGES = 1024;

  private static final String ASSISTANT = "assistant";

  private final Tokenizer tokenizer;
  private final ChatTemplates templates;
  private final Clock clock;

  ConversationEncoder(Tokenizer tokenizer, ChatTemplates templates, Clock clock) {
    this.tokenizer = tokenizer;
    this.templates = templates;
    this.clock = clock;
  }

  /**
   * A conversation and its answer to one of the messages.
   *
   * @param text all up to the end of the answer
   * @param begin of the answer within the text
   */
  private record Answer(String text, int begin) {
    String prompt() {
      return text.substring(0, begin);
    }
  }

  /**
   * One text for the whole conversation. Some templates write an answer in another way once more
   * messages follow (reasoning is dropped); then a text for each answer, in which it is the last,
   * for that is what the model sees when it answers.
   *
   * @throws JsonException naming the row, if it is malformed, the template refuses it, or answers
   *     cannot be told from what comes before them
   */
  List<MarkedTokens> encode(JsonLines.Row row) {
    List<Map<String, Object>> messages = messages(row);
    List<Answer> answers = new ArrayList<>();
    for (int m = 0; m < messages.size(); m++) {
      if (messages.get(m).get("role").equals(ASSISTANT)) {
        answers.add(answer(row, messages, m));
      }
    }
    String whole = answers.getLast().text;
    return answers.stream().allMatch(answer -> whole.startsWith(answer.text))
        ? List.of(encode(row, whole, answers))
        : answers.stream().map(answer -> encode(row, answer.text, List.of(answer))).toList();
  }

  /** Up to the last answer: nothing is learned from what follows it. */
  private static List<Map<String, Object>> messages(JsonLines.Row row) {
    List<Map<String, Object>> messages = new ArrayList<>();
    int last = -1;
    for (Object item : row.array("messages")) {
      String what = row.source() + ": message " + messages.size();
      Map<String, Object> message = Json.asObject(item, what);
      String role = Json.asString(message.get("role"), what + ": \"role\"");
      if (message.get("content") != null || !message.containsKey("tool_calls")) {
        Json.asString(message.get("content"), what + ": \"content\"");
      }
      last = role.equals(ASSISTANT) ? messages.size() : last;
      messages.add(message);
    }
    if (last < 0) {
      throw row.error("no message has the role \"" + ASSISTANT + "\", so there is no answer");
    }
    if (messages.size() > MAX_MESSAGES) {
      throw row.error(messages.size() + " messages are more than " + MAX_MESSAGES);
    }
    return messages.subList(0, last + 1);
  }

  private Answer answer(JsonLines.Row row, List<Map<String, Object>> messages, int at) {
    List<Map<String, Object>> before = messages.subList(0, at);
    String text = render(row, messages.subList(0, at + 1), false);
    String prompt = render(row, before, true);
    int begin = commonPrefix(prompt, text);
    if (begin < prompt.length()) {
      // A prompt may begin the answer in a way of its own, but must not change what was said.
      String said = render(row, before, false);
      if (begin < said.length() || !text.startsWith(said)) {
        throw row.error(
            "the model's chat template changes what comes before the answer in message "
                + at
                + ", so that the answer cannot be found");
      }
    }
    if (begin == text.length()) {
      throw row.error("the answer in message " + at + " is empty");
    }
    return new Answer(text, begin);
  }

  private static int commonPrefix(String a, String b) {
    int differs = Arrays.mismatch(a.toCharArray(), b.toCharArray());
    return differs < 0 ? a.length() : differs;
  }

  private String render(
      JsonLines.Row row, List<Map<String, Object>> messages, boolean generationPrompt) {
    List<Object> tools = row.values().get("tools") == null ? null : row.array("tools");
    try {
      return templates.render(
          messages, tools, generationPrompt, Map.of(), clock, TemplateLimits.defaults());
    } catch (TemplateException e) {
      throw row.error("the model's chat template refuses it: " + e.raised().orElse(e.getMessage()));
    }
  }

  private MarkedTokens encode(JsonLines.Row row, String whole, List<Answer> answers) {
    MarkedTokens tokens = MarkedTokens.of(ids(whole));
    boolean ends = false;
    for (Answer answer : answers) {
      int from = commonPrefix(ids(answer.prompt()), tokens.ids());
      int to = commonPrefix(ids(answer.text), tokens.ids());
      int end = afterLastEnd(tokens.ids(), from, to);
      ends = end > 0;
      tokens.mark(from, ends ? end : to);
    }
    if (tokens.firstLearned() < 0) {
      throw row.error("its answers have no tokens");
    }
    // A template without an end of its own would teach the model to go on for ever.
    return ends ? tokens : tokens.ended(tokenizer);
  }

  private static int commonPrefix(int[] a, int[] b) {
    int differs = Arrays.mismatch(a, b);
    return differs < 0 ? a.length : differs;
  }

  /**
   * Behind the last token that ends a generation: what a template writes there is not generated.
   */
  private int afterLastEnd(int[] ids, int from, int to) {
    for (int i = to - 1; i >= from; i--) {
      if (tokenizer.endOfGeneration().contains(ids[i])) {
        return i + 1;
      }
    }
    return 0;
  }

  private int[] ids(String text) {
    return tokenizer.withBos(tokenizer.encode(text, false, true));
  }
}
