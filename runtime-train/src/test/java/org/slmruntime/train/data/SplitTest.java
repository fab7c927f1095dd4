package org.slmruntime.train.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.loop.Example;

class SplitTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  private static List<Example> examples(int count) {
    return IntStream.range(0, count).mapToObj(i -> Example.of(i, i)).toList();
  }

  private static List<Integer> numbers(List<Example> examples) {
    return examples.stream().map(example -> example.ids()[0]).toList();
  }

  @Test
  void putsEachExampleOnOneSideInItsOrder() {
    int count = random.nextInt(2, 200);
    double share = random.nextDouble() / 2;
    Split split = Split.drawn(examples(count), share, seed);
    String what = count + " examples, share " + share + ", seed " + seed;
    assertEquals(Math.max(1, Math.round(share * count)), split.validation().size(), what);
    List<Integer> training = numbers(split.training());
    List<Integer> validation = numbers(split.validation());
    assertEquals(training.stream().sorted().toList(), training, what);
    assertEquals(validation.stream().sorted().toList(), validation, what);
    assertEquals(
        IntStream.range(0, count).boxed().toList(),
        Stream.concat(training.stream(), validation.stream()).sorted().toList(),
        what);
  }

  @Test
  void isDrawnByItsSeedAlone() {
    List<Example> examples = examples(100);
    Split split = Split.drawn(examples, 0.1, seed);
    assertEquals(split, Split.drawn(examples, 0.1, seed), () -> "seed " + seed);
    assertNotEquals(split, Split.drawn(examples, 0.1, seed + 1), () -> "seed " + seed);
  }

  @Test
  void leavesAllToLearnFromWithoutAShare() {
    Split split = Split.drawn(examples(3), 0, seed);
    assertEquals(List.of(), split.validation());
    assertEquals(List.of(0, 1, 2), numbers(split.training()));
  }

  @Test
  void refusesToLeaveNothing() {
    assertThrows(TrainException.class, () -> Split.drawn(examples(1), 0.1, seed));
    assertThrows(TrainException.class, () -> Split.drawn(examples(9), 1, seed));
    assertThrows(TrainException.class, () -> Split.drawn(examples(9), Double.NaN, seed));
  }
}
