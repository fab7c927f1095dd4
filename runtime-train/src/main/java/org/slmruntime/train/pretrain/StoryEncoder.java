package org.slmruntime.train.pretrain;

import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.slmruntime.format.Metadata;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;
import org.slmruntime.tokenizer.chat.ChatTemplates;
import org.slmruntime.tokenizer.chat.TemplateLimits;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.loop.Example;
import org.slmruntime.train.stories.Story;

/** Makes examples of stories: texts of their own, and answers to somebody who asks for them. */
final class StoryEncoder {
  private static final String END_OF_TURN = "<|eot_id|>";

  private final Tokenizer tokenizer;
  private final ChatTemplates templates;
  private final int context;

  StoryEncoder(Metadata model, int context) {
    this.tokenizer =
        Tokenizers.fromGguf(model)
            .orElseThrow(() -> new TrainException(model.source() + ": has no tokenizer"));
    this.templates =
        ChatTemplates.fromGguf(model, tokenizer)
            .orElseThrow(() -> new TrainException(model.source() + ": has no chat template"));
    this.context = context;
  }

  /** A story that nobody asked for. */
  Example alone(Story story) {
    return cut(example(new int[0], story, tokenizer.eosId()));
  }

  /** A conversation: one request and one story after the other. */
  Example answers(List<Story> stories) {
    Example all = stories.stream().map(this::answer).reduce(StoryEncoder::join).orElseThrow();
    if (all.ids().length <= context + 1) {
      return all;
    }
    // As in a chat, what does not fit any more is forgotten; in the end the request itself.
    Story last = stories.getLast();
    Example one = answer(last);
    boolean fits =
        IntStream.range(0, Math.min(context + 1, one.ids().length)).anyMatch(i -> one.counts()[i]);
    return fits ? cut(one) : alone(last);
  }

  private Example answer(Story story) {
    List<Map<String, String>> messages =
        List.of(Map.of("role", "user", "content", story.request()));
    String prompt =
        templates.render(
            messages, null, true, Map.of(), Clock.systemUTC(), TemplateLimits.defaults());
    return example(tokenizer.encode(prompt, false, true), story, tokenizer.idOf(END_OF_TURN));
  }

  private Example example(int[] prompt, Story story, OptionalInt end) {
    int[] begin = tokenizer.withBos(prompt);
    int[] text = tokenizer.encode(story.text(), false, false);
    int[] ids = Arrays.copyOf(begin, begin.length + text.length + 1);
    System.arraycopy(text, 0, ids, begin.length, text.length);
    ids[ids.length - 1] = end.orElseThrow();
    return Example.ofAnswer(ids, begin.length);
  }

  /** One example goes on with the other, which needs no BOS then. */
  private static Example join(Example first, Example second) {
    int length = first.ids().length;
    int more = second.ids().length - 1;
    int[] ids = Arrays.copyOf(first.ids(), length + more);
    boolean[] counts = Arrays.copyOf(first.counts(), length + more);
    System.arraycopy(second.ids(), 1, ids, length, more);
    System.arraycopy(second.counts(), 1, counts, length, more);
    return new Example(ids, counts);
  }

  /** One token more than the context, for the last one is not read but only predicted. */
  private Example cut(Example example) {
    int length = Math.min(example.ids().length, context + 1);
    return new Example(
        Arrays.copyOf(example.ids(), length), Arrays.copyOf(example.counts(), length));
  }
}
