package org.slmruntime.train.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.gradient.BackwardProgram;

/** The loss worked out by hand, and what is refused. The logits are the embedded rows. */
class ReferenceTrainerTest {
  private static final Weight TABLE = Weight.matrix("table", 2, 3);

  /** Probabilities 1/2, 1/4, 1/4 after token 0 and 1/6, 1/6, 2/3 after token 1. */
  private final double[] table = {Math.log(2), 0, 0, 100, 100, 100 + Math.log(4)};

  private final Weights none =
      weight -> {
        throw new AssertionError(weight + " is frozen");
      };

  private static Graph graph() {
    GraphBuilder builder = new GraphBuilder("rows");
    return builder.build(builder.gatherRows("outputs", builder.embed("rows", TABLE)));
  }

  private static BackwardProgram program() {
    return BackwardProgram.of(graph(), Set.of(TABLE));
  }

  private ReferenceTrainer trainer() {
    return new ReferenceTrainer(program(), Map.of(TABLE, table), none);
  }

  private static TrainingBatch batch(double... weights) {
    return TrainingBatch.builder()
        .sequence(new int[] {0, 1, 0}, new int[] {1, 2, 0}, weights)
        .build();
  }

  @Test
  void theLossIsTheMeanOfTheTargetsMinusLogProbabilities() {
    double expected = (Math.log(4) + Math.log(1.5) + Math.log(2)) / 3;
    assertEquals(expected, trainer().loss(batch(1, 1, 1)), 1e-12);
    assertEquals(3 * expected, trainer().loss(batch(1, 1, 1), 1), 1e-12);
  }

  @Test
  void weightsSayHowMuchATokenCounts() {
    double expected = (Math.log(4) + 3 * Math.log(1.5)) / 4;
    assertEquals(expected, trainer().loss(batch(0.5, 1.5, 0)), 1e-12);
  }

  @Test
  void theGradientIsTheProbabilityMinusOneAtTheTarget() {
    TrainingStep step = trainer().step(batch(1, 1, 2));
    double[] expected = {
      (0.5 + 2 * (0.5 - 1)) / 4,
      (0.25 - 1 + 2 * 0.25) / 4,
      (0.25 + 2 * 0.25) / 4,
      1 / 24.0,
      1 / 24.0,
      (2 / 3.0 - 1) / 4
    };
    assertArrayEquals(expected, step.gradients().get(TABLE), 1e-12);
  }

  @Test
  void readsTrainedWeightsAnewInEveryStep() {
    ReferenceTrainer trainer = trainer();
    double before = trainer.loss(batch(1, 0, 0));
    table[1] = 5;
    assertTrue(trainer.loss(batch(1, 0, 0)) < before);
  }

  @Test
  void refusesWeightsWithoutNumbers() {
    refuses("no values", () -> new ReferenceTrainer(program(), Map.of(), none));
    Map<Weight, double[]> short5 = Map.of(TABLE, new double[5]);
    refuses("5 values", () -> new ReferenceTrainer(program(), short5, none));
  }

  @Test
  void refusesFrozenWeightsThatCannotBeDecoded() {
    GraphBuilder builder = new GraphBuilder("frozen");
    Value rows = builder.gatherRows("outputs", builder.embed("rows", TABLE));
    Weight frozen = Weight.matrix("frozen", 1, 3);
    Graph graph = builder.build(builder.linear("logits", rows, frozen, Weight.none()));
    Weights integers =
        _ -> new Weights.Stored(DType.I32, MemorySegment.ofArray(new byte[3 * Integer.BYTES]));
    refuses(
        "frozen[1x3] of type I32",
        () ->
            new ReferenceTrainer(
                BackwardProgram.of(graph, Set.of(TABLE)), Map.of(TABLE, table), integers));
  }

  @Test
  void refusesIdsOutsideOfTheModel() {
    ReferenceTrainer trainer = trainer();
    refuses("token 2", () -> trainer.step(TrainingBatch.builder().text(2, 1).build()));
    refuses("target 3", () -> trainer.step(TrainingBatch.builder().text(1, 3).build()));
  }

  @Test
  void refusesGradientsOfOtherOutputs() {
    ReferenceTrainer trainer = trainer();
    refuses("8 gradients for 9", () -> trainer.gradients(batch(1, 1, 1), new double[8]));
  }

  @Test
  void refusesBatchesThatNoArrayCanHold() {
    GraphBuilder builder = new GraphBuilder("wide");
    Weight wide = Weight.matrix("table", 1, 1 << 12);
    Graph graph = builder.build(builder.gatherRows("outputs", builder.embed("rows", wide)));
    Map<Weight, double[]> values = Map.of(wide, new double[1 << 12]);
    ReferenceTrainer trainer =
        new ReferenceTrainer(BackwardProgram.of(graph, Set.of(wide)), values, none);
    int many = 1 << 19;
    double[] last = new double[many];
    last[many - 1] = 1;
    TrainingBatch batch =
        TrainingBatch.builder().sequence(new int[many], new int[many], last).build();
    refuses("524288 rows and width 4096", () -> trainer.loss(batch));
  }

  private static void refuses(String part, Runnable action) {
    String message = assertThrows(TrainException.class, action::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
