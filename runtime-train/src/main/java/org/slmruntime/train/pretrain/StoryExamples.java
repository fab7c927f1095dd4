package org.slmruntime.train.pretrain;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.slmruntime.format.Metadata;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;
import org.slmruntime.tokenizer.chat.ChatTemplates;
import org.slmruntime.tokenizer.chat.TemplateLimits;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.loop.Example;
import org.slmruntime.train.stories.Story;
import org.slmruntime.train.stories.StoryGenerator;

/**
 * Stories to learn from: every second one alone, the others as the answer to somebody who asks for
 * it, so that the model can be talked with. Not thread-safe.
 */
public final class StoryExamples {
  private final StoryGenerator generator;
  private final Tokenizer tokenizer;
  private final ChatTemplates templates;
  private final int context;

  /**
   * @param model metadata of a model with a tokenizer and a chat template
   * @param context tokens after which a story is cut off
   */
  public StoryExamples(StoryGenerator generator, Metadata model, int context) {
    this.generator = generator;
    this.tokenizer =
        Tokenizers.fromGguf(model)
            .orElseThrow(() -> new TrainException(model.source() + ": has no tokenizer"));
    this.templates =
        ChatTemplates.fromGguf(model, tokenizer)
            .orElseThrow(() -> new TrainException(model.source() + ": has no chat template"));
    this.context = context;
  }

  /** The stories of the numbers {@code from .. from + count - 1}. */
  public List<Example> of(long from, int count) {
    List<Example> examples = new ArrayList<>(count);
    for (long number = from; number < from + count; number++) {
      Story story = generator.story(number);
      examples.add(number % 2 == 0 ? alone(story) : answer(story));
    }
    return examples;
  }

  private Example alone(Story story) {
    int[] begin = tokenizer.withBos(new int[0]);
    return example(begin, story, tokenizer.eosId());
  }

  private Example answer(Story story) {
    List<Map<String, String>> messages =
        List.of(Map.of("role", "user", "content", story.request()));
    String prompt =
        templates.render(
            messages, null, true, Map.of(), Clock.systemUTC(), TemplateLimits.defaults());
    int[] begin = tokenizer.withBos(tokenizer.encode(prompt, false, true));
    return example(begin, story, tokenizer.idOf("<|eot_id|>"));
  }

  private Example example(int[] begin, Story story, OptionalInt end) {
    int[] text = tokenizer.encode(story.text(), false, false);
    int[] ids = Arrays.copyOf(begin, begin.length + text.length + 1);
    System.arraycopy(text, 0, ids, begin.length, text.length);
    ids[ids.length - 1] = end.orElseThrow();
    return Example.ofAnswer(cut(ids), begin.length);
  }

  /** One token more than the context, for the last one is not read but only predicted. */
  private int[] cut(int[] ids) {
    return ids.length <= context + 1 ? ids : Arrays.copyOf(ids, context + 1);
  }
}
