package org.slmruntime.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainingBatchTest {
  @Test
  void packsTextsOneAfterTheOther() {
    TrainingBatch batch = TrainingBatch.builder().text(5, 6, 7).text(8, 9).build();
    assertEquals(2, batch.sequenceCount());
    assertEquals("5@0 6@1 8@0", tokens(batch));
    assertEquals("0:6*1.0 1:7*1.0 2:9*1.0", outputs(batch));
    assertEquals(3, batch.totalWeight());
  }

  @Test
  void readsTokensThatDoNotCountButHasNoOutputsForThem() {
    TrainingBatch batch =
        TrainingBatch.builder()
            .text(new int[] {5, 6, 7, 8}, new boolean[] {true, false, true, false})
            .sequence(new int[] {1, 2}, new int[] {-1, 4}, new double[] {0, 0.25})
            .build();
    assertEquals("5@0 6@1 7@2 1@0 2@1", tokens(batch));
    assertEquals("1:7*1.0 4:4*0.25", outputs(batch));
    assertEquals(1.25, batch.totalWeight());
  }

  private static String tokens(TrainingBatch batch) {
    return join(batch.tokenCount(), i -> batch.token(i) + "@" + batch.position(i));
  }

  private static String outputs(TrainingBatch batch) {
    return join(
        batch.outputCount(),
        r -> batch.outputToken(r) + ":" + batch.target(r) + "*" + batch.weight(r));
  }

  private static String join(int count, IntFunction<String> text) {
    return String.join(" ", IntStream.range(0, count).mapToObj(text).toList());
  }

  @Test
  void keepsItsOwnCopy() {
    int[] tokens = {1, 2};
    double[] weights = {1, 0};
    TrainingBatch.Builder builder = TrainingBatch.builder().sequence(tokens, tokens, weights);
    tokens[0] = 9;
    weights[1] = 1;
    TrainingBatch batch = builder.build();
    assertEquals("1@0 2@1", tokens(batch));
    assertEquals("0:1*1.0", outputs(batch));
  }

  @Test
  void refusesWhatTeachesNothing() {
    TrainingBatch.Builder builder = TrainingBatch.builder();
    assertThrows(TrainException.class, builder::build);
    refuses("at least 2 tokens", () -> builder.text(4));
    refuses("5 and 1", () -> builder.text(new int[5], new boolean[1]));
    builder.text(new int[2], new boolean[2]);
    refuses("none of the batch's 1 tokens counts", builder::build);
  }

  @Test
  void refusesSequencesThatDoNotFit() {
    TrainingBatch.Builder builder = TrainingBatch.builder();
    refuses("0, 0 and 0", () -> builder.sequence(new int[0], new int[0], new double[0]));
    refuses("2, 1 and 2", () -> builder.sequence(new int[2], new int[1], new double[2]));
    refuses("2, 2 and 3", () -> builder.sequence(new int[2], new int[2], new double[3]));
    for (double weight : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      refuses("" + weight, () -> builder.sequence(new int[1], new int[1], new double[] {weight}));
    }
    int most = TrainingBatch.MAX_TOKENS;
    builder.sequence(new int[most], new int[most], new double[most]);
    refuses(most + " and 1 tokens", () -> builder.text(1, 2));
  }

  @Test
  void refusesIdsBeyondAVocabularyAndNamesThem() {
    TrainingBatch batch = TrainingBatch.builder().text(1, 2, 9).build();
    batch.requireIdsBelow(3, 10);
    refuses("token 2 of batch token 1", () -> batch.requireIdsBelow(2, 10));
    refuses("target 9 of batch token 1", () -> batch.requireIdsBelow(3, 9));
    TrainingBatch negative = TrainingBatch.builder().text(-1, 2).build();
    refuses("token -1", () -> negative.requireIdsBelow(3, 3));
  }

  private static void refuses(String part, Runnable action) {
    String message = assertThrows(TrainException.class, action::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
