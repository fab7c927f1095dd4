package org.slmruntime.train.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;

/** What is computed when, and that nothing is forgotten too early or kept too long. */
class ScheduleTest {
  private static final int WIDTH = 4;
  private static final Weight TABLE = Weight.matrix("table", 10, WIDTH);

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final GraphBuilder builder = new GraphBuilder("test");

  private Value linear(String name, Value x) {
    return builder.linear(name, x, Weight.matrix(name, WIDTH, WIDTH), Weight.none());
  }

  private Value norm(String name, Value x) {
    return builder.rmsNorm(name, x, Weight.vector(name, WIDTH), 1, 0.1f);
  }

  private Value attention(String name, Value x) {
    Value normed = norm(name + ".norm", x);
    KvLayer layer = builder.kvLayer(1, WIDTH, WIDTH);
    Value query = linear(name + ".q", normed);
    builder.kvAppend(name, linear(name + ".k", normed), linear(name + ".v", normed), layer);
    Value y = builder.attention(name, new Op.Attention(query, layer, 1, 1, 0, 0, Optional.empty()));
    return builder.add(name + ".sum", x, linear(name + ".out", y));
  }

  private Value gated(String name, Value x) {
    Value normed = norm(name + ".norm", x);
    Value gate = linear(name + ".gate", normed);
    Value y = builder.gatedActivation(name, gate, linear(name + ".up", normed), Activation.SILU);
    return builder.add(name + ".sum", x, linear(name + ".down", y));
  }

  /** Two layers of attention and gates, and a capped output. */
  private Graph model() {
    Value x = builder.embed("rows", TABLE);
    for (int layer = 0; layer < 2; layer++) {
      x = gated("gated" + layer, attention("attention" + layer, x));
    }
    x = builder.gatherRows("outputs", norm("norm", x));
    return builder.build(
        builder.softcap("cap", builder.linear("logits", x, TABLE, Weight.none()), 3));
  }

  private static String text(Schedule.Task task) {
    String action =
        switch (task.action()) {
          case Schedule.Evaluate(var node) -> node.output().map(Value::toString).orElse("append");
          case Schedule.TakeOutput(Value output) -> "take " + output;
          case Schedule.Differentiate(Gradient step) -> "d" + step.output();
        };
    return action + (task.releases().isEmpty() ? "" : " -" + task.releases());
  }

  private static List<String> lines(Schedule schedule) {
    return schedule.tasks().stream().map(ScheduleTest::text).toList();
  }

  /** %0 rows, %1 normed, %2 gate, %3 up, %4 gated, %5 down, %6 sum, %7 outputs. */
  private Graph oneLayer() {
    Value x = gated("gated", builder.embed("rows", TABLE));
    return builder.build(builder.gatherRows("outputs", x));
  }

  @Test
  void anEvaluationKeepsWhatIsStillToBeRead() {
    assertEquals(
        List.of("%0", "%1", "%2", "%3 -[%1]", "%4 -[%2, %3]", "%5 -[%4]", "%6 -[%0, %5]")
            .toString(),
        lines(Schedule.evaluation(oneLayer())).subList(0, 7).toString());
  }

  @Test
  void withoutRecomputationOnlyWhatGradientsReadIsKept() {
    Graph graph = oneLayer();
    BackwardProgram program = BackwardProgram.of(graph, graph.weights());
    assertEquals(
        List.of(
            "%0",
            "%1",
            "%2",
            "%3",
            "%4",
            "%5",
            "%6 -[%5]",
            "%7 -[%6]",
            "take %7 -[%7]",
            "d%7",
            "d%6",
            "d%5 -[%4]",
            "d%4 -[%2, %3]",
            "d%3",
            "d%2 -[%1]",
            "d%1 -[%0]",
            "d%0"),
        lines(Schedule.keeping(program)));
  }

  @Test
  void withRecomputationOnlyWhatCrossesSegmentsIsKept() {
    Graph graph = oneLayer();
    BackwardProgram program = BackwardProgram.of(graph, graph.weights());
    assertEquals(
        List.of(
            "%0",
            "%1",
            "%2",
            "%3 -[%1]",
            "%4 -[%2, %3]",
            "%5 -[%4]",
            "%6 -[%5]",
            "%7 -[%6]",
            "take %7 -[%7]",
            "d%7",
            "%1",
            "%2",
            "%3",
            "%4",
            "d%6",
            "d%5 -[%4]",
            "d%4 -[%2, %3]",
            "d%3",
            "d%2 -[%1]",
            "d%1 -[%0]",
            "d%0"),
        lines(Schedule.recomputing(program)));
  }

  @Test
  void cutsWhereOneValueCrossesAndNotBetweenAppendAndAttention() {
    Graph graph = model();
    List<String> lasts =
        Segments.of(graph).stream().map(segment -> segment.getLast().name()).toList();
    assertEquals(
        List.of(
            "rows",
            "attention0.sum",
            "gated0.sum",
            "attention1.sum",
            "gated1.sum",
            "norm",
            "outputs",
            "logits",
            "cap"),
        lasts);
  }

  @Test
  void everyValueIsThereWhenItIsReadAndReleasedOnce() {
    Graph graph = model();
    Random random = new Random(seed);
    List<Weight> weights = new ArrayList<>(graph.weights());
    for (int round = 0; round < 50; round++) {
      Collections.shuffle(weights, random);
      Set<Weight> trained = Set.copyOf(weights.subList(0, 1 + random.nextInt(weights.size())));
      BackwardProgram program = BackwardProgram.of(graph, trained);
      String what = trained + ", seed " + seed;
      check(graph, Schedule.keeping(program), program.steps(), what);
      check(graph, Schedule.recomputing(program), program.steps(), what);
    }
    check(graph, Schedule.evaluation(graph), List.of(), "evaluation");
  }

  private static void check(Graph graph, Schedule schedule, List<Gradient> steps, String what) {
    Sources sources = Sources.of(graph);
    Set<Value> there = new HashSet<>();
    List<Gradient> done = new ArrayList<>();
    for (Schedule.Task task : schedule.tasks()) {
      List<Value> reads =
          switch (task.action()) {
            case Schedule.Evaluate(var node) -> sources.of(node.op());
            case Schedule.TakeOutput(Value output) -> List.of(output);
            case Schedule.Differentiate(Gradient step) -> {
              done.add(step);
              yield step.reads();
            }
          };
      assertTrue(there.containsAll(reads), () -> text(task) + " of " + what);
      if (task.action() instanceof Schedule.Evaluate(var node)) {
        node.output().ifPresent(y -> assertTrue(there.add(y), () -> y + " of " + what));
      }
      task.releases().forEach(y -> assertTrue(there.remove(y), () -> y + " of " + what));
    }
    assertEquals(Set.of(), there, what);
    assertEquals(steps, done, what);
  }
}
