package org.slmruntime.train.pretrain;

import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.slmruntime.format.Metadata;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.chat.ChatTemplates;
import org.slmruntime.tokenizer.chat.TemplateLimits;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.loop.Example;
import org.slmruntime.train.stories.Story;

/**
 * Makes examples of stories: every second one alone, the others as the answer to somebody who asks
 * for it, so that the model can be talked with.
 */
final class StoryEncoder {
  private static final String END_OF_TURN = "<|eot_id|>";

  private final Tokenizer tokenizer;
  private final ChatTemplates templates;
  private final int context;

  StoryEncoder(Metadata model, int context) {
    this.tokenizer = StartingModel.tokenizer(model);
    this.templates =
        ChatTemplates.fromGguf(model, tokenizer)
            .orElseThrow(() -> new TrainException(model.source() + ": has no chat template"));
    this.context = context;
  }

  Example encode(Story story, int number) {
    return number % 2 == 0 ? alone(story) : answer(story);
  }

  private Example alone(Story story) {
    return example(tokenizer.withBos(new int[0]), story, tokenizer.eosId());
  }

  private Example answer(Story story) {
    List<Map<String, String>> messages =
        List.of(Map.of("role", "user", "content", story.request()));
    String prompt =
        templates.render(
            messages, null, true, Map.of(), Clock.systemUTC(), TemplateLimits.defaults());
    int[] begin = tokenizer.withBos(tokenizer.encode(prompt, false, true));
    // In a context that the request fills nothing of the story would be left.
    return begin.length > context
        ? alone(story)
        : example(begin, story, tokenizer.idOf(END_OF_TURN));
  }

  private Example example(int[] begin, Story story, OptionalInt end) {
    int[] text = tokenizer.encode(story.text(), false, false);
    int[] ids = Arrays.copyOf(begin, begin.length + text.length + 1);
    System.arraycopy(text, 0, ids, begin.length, text.length);
    ids[ids.length - 1] = end.orElseThrow();
    // One token more than the context, for the last one is not read but only predicted.
    int length = Math.min(ids.length, context + 1);
    return Example.ofAnswer(Arrays.copyOf(ids, length), begin.length);
  }
}
