package org.slmruntime.benchmarks.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slmruntime.benchmarks.kernels.Peaks;
import org.slmruntime.benchmarks.models.Shape;
import org.slmruntime.train.cpu.Activations;

class TrainingTest {
  private static final Shape SMALL =
      new Shape("small", "llama", 2, 16, 24, 4, 2, 30, 10_000, 1e-5, false);

  private final Training training = new Training(SMALL, 5, 2, 1, 0, 1);

  @Test
  void timesEachPartOfAStep() {
    for (Activations activations : Activations.values()) {
      Training.Times times = training.measure(activations, 2);
      assertTrue(
          times.gradients() > 0 && times.clipping() > 0 && times.moving() > 0, () -> "" + times);
    }
  }

  @Test
  void countsTheWork() {
    // Two layers of q 16x16, k and v 8x16, out 16x16, three of 16x24; 30 logits of 16.
    long matrices = 2 * (16 * 16 + 2 * 8 * 16 + 16 * 16 + 3 * 16 * 24) + 30 * 16;
    // 15 pairs of a query and a key it sees in each of 2 sequences, 16 wide, in 2 layers.
    assertEquals(6 * 10 * matrices + 12 * 2 * 15 * 16 * 2, training.operations());
  }

  @Test
  void tellsTheShareOfWhatTheMachineMultiplies() {
    double seconds = training.operations() / 1e9 / 100;
    Training.Times times = new Training.Times(1e3 * seconds, 0, 0);
    String table = training.table(Map.of(Activations.KEPT, times), new Peaks(2, 512, 40, 500));
    assertTrue(table.contains("multiply-adds run at 500 GFLOP/s"), table);
    assertTrue(table.contains("| 100 | 20 % |"), table);
  }

  @Test
  void refusesWhatIsNoNumberOfThreads() {
    for (List<String> args : List.of(List.of("0"), List.of("two"), List.of("1", "2"))) {
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      PrintStream print = new PrintStream(err, true, StandardCharsets.UTF_8);
      assertEquals(2, Training.run(args, print, print));
      assertTrue(err.toString(StandardCharsets.UTF_8).startsWith("Usage: benchmarks/training"));
    }
  }
}
