package org.slmruntime.train.finetune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.data.Split;
import org.slmruntime.train.loop.Example;
import org.slmruntime.train.loop.ShuffledBatches;

class MemoryNeedTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  private Example example() {
    int length = random.nextInt(2, 50);
    return Example.ofAnswer(new int[length], random.nextInt(1, length));
  }

  @Test
  void countsTheLargestBatchThatCanCome() {
    List<Example> examples = new ArrayList<>();
    int count = random.nextInt(1, 12);
    for (int i = 0; i < count; i++) {
      examples.add(example());
    }
    int perBatch = random.nextInt(1, 3 * count + 1);
    int[] most = new int[2];
    Split data = new Split(examples, List.of());
    MemoryNeed need =
        MemoryNeed.of(
            5,
            data,
            perBatch,
            (tokens, outputs) -> {
              most[0] = tokens;
              most[1] = outputs;
              return 7;
            });
    assertEquals(80, need.weights());
    assertEquals(28, need.activations());
    ShuffledBatches batches = new ShuffledBatches(count, examples::get, perBatch, 1, seed);
    for (int step = 1; step <= 50; step++) {
      TrainingBatch batch = batches.batches(step).getFirst();
      String what = perBatch + " of " + count + ", seed " + seed;
      assertTrue(batch.tokenCount() <= most[0] && batch.outputCount() <= most[1], what);
    }
  }

  @Test
  void refusesBatchesThatAreTooLarge() {
    Split data = new Split(List.of(Example.of(new int[1000])), List.of());
    assertThrows(TrainException.class, () -> MemoryNeed.of(1, data, 2000, (_, _) -> 0));
  }
}
