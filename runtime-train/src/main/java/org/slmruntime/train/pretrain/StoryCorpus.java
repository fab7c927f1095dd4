package org.slmruntime.train.pretrain;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slmruntime.format.Metadata;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.loop.Example;
import org.slmruntime.train.stories.StoryGenerator;

/**
 * Little stories, told as they are needed. Those that follow the ones to learn from are for
 * validation.
 *
 * @param seed of the stories
 * @param count of those to learn from
 */
public record StoryCorpus(long seed, int count) implements Corpus {
  /** Stories to learn from, at most. */
  public static final int MAX_COUNT = 100_000_000;

  /** Some thousand stories have every word many times. */
  private static final int FOR_VOCABULARY = 4000;

  private static final int FOR_VALIDATION = 64;

  public StoryCorpus {
    if (count < 1 || count > MAX_COUNT) {
      throw new TrainException("stories must be 1.." + MAX_COUNT + " but are " + count);
    }
  }

  @Override
  public String description() {
    return count + " stories of seed " + seed;
  }

  @Override
  public Stream<String> vocabularyTexts() {
    return new StoryGenerator(seed)
        .stories()
        .limit(Math.min(count, FOR_VOCABULARY))
        .flatMap(story -> Stream.of(story.request(), story.text()));
  }

  @Override
  public Examples examples(Metadata model, int context) {
    StoryEncoder encoder = new StoryEncoder(model, context);
    StoryGenerator generator = new StoryGenerator(seed);
    return new Examples() {
      @Override
      public int count() {
        return count;
      }

      @Override
      public Example get(int index) {
        return encoder.encode(generator.story(index), index);
      }

      @Override
      public List<Example> validation() {
        return IntStream.range(count, count + FOR_VALIDATION).mapToObj(this::get).toList();
      }
    };
  }
}
