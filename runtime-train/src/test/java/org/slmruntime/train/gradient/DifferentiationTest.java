package org.slmruntime.train.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainException;

/** Which gradients are computed, in which order, and which are left out. */
class DifferentiationTest {
  private static final Weight TABLE = Weight.matrix("table", 10, 4);
  private static final Weight FIRST = Weight.matrix("first", 4, 4);
  private static final Weight SECOND = Weight.matrix("second", 4, 4);
  private static final Weight BIAS = Weight.vector("bias", 4);
  private static final Weight NORM = Weight.vector("norm", 4);

  private final GraphBuilder builder = new GraphBuilder("test");

  private static String[] lines(Graph graph, Weight... trained) {
    return BackwardProgram.of(graph, Set.of(trained)).toString().lines().toArray(String[]::new);
  }

  private static void assertSteps(Graph graph, Set<Weight> trained, String... steps) {
    List<String> lines = BackwardProgram.of(graph, trained).toString().lines().toList();
    assertEquals("gradients of test", lines.getFirst());
    assertEquals(
        List.of(steps), lines.stream().skip(1).map(String::strip).toList(), graph.toString());
  }

  /** %0 rows, %1 normed, %2 first, %3 second, %4 outputs, %5 logits of the same table. */
  private Graph chain() {
    Value x = builder.embed("rows", TABLE);
    x = builder.rmsNorm("norm", x, NORM, 1, 0);
    x = builder.linear("first", x, FIRST, Optional.of(BIAS));
    x = builder.linear("second", x, SECOND, Weight.none());
    x = builder.gatherRows("outputs", x);
    return builder.build(builder.linear("logits", x, TABLE, Weight.none()));
  }

  @Test
  void walksBackFromTheOutputToEveryWeight() {
    Graph graph = chain();
    assertSteps(
        graph,
        graph.weights(),
        "d%5 -> d%4 = dtable[10x4] +=",
        "d%4 -> d%3 =",
        "d%3 -> d%2 = dsecond[4x4] +=",
        "d%2 -> d%1 = dfirst[4x4] += dbias[1x4] +=",
        "d%1 -> d%0 = dnorm[1x4] +=",
        "d%0 -> dtable[10x4] +=");
  }

  @Test
  void leavesOutWhatLiesBelowTheLowestTrainedWeight() {
    Graph graph = chain();
    assertSteps(graph, Set.of(SECOND), "d%5 -> d%4 =", "d%4 -> d%3 =", "d%3 -> dsecond[4x4] +=");
    assertSteps(
        graph,
        Set.of(BIAS),
        "d%5 -> d%4 =",
        "d%4 -> d%3 =",
        "d%3 -> d%2 =",
        "d%2 -> dbias[1x4] +=");
    assertEquals(1 + 5, lines(graph, NORM).length);
  }

  @Test
  void leavesOutWhatTheOutputDoesNotDependOn() {
    Value x = builder.embed("rows", TABLE);
    builder.linear("unused", x, FIRST, Weight.none());
    Graph graph = builder.build(builder.gatherRows("outputs", x));
    assertSteps(graph, Set.of(TABLE), "d%2 -> d%0 =", "d%0 -> dtable[10x4] +=");
    refuses("does not depend on first[4x4]", graph, FIRST, TABLE);
  }

  @Test
  void aValueThatIsUsedTwiceHasTwoTerms() {
    Value x = builder.embed("rows", TABLE);
    Value y = builder.linear("first", x, FIRST, Weight.none());
    Value z = builder.mul("product", y, y);
    z = builder.add("sum", z, x);
    Graph graph = builder.build(builder.gatherRows("outputs", z));
    assertSteps(
        graph,
        Set.of(TABLE, FIRST),
        "d%4 -> d%3 =",
        "d%3 -> d%2 = d%0 =",
        "d%2 -> d%1 = d%1 +=",
        "d%1 -> d%0 += dfirst[4x4] +=",
        "d%0 -> dtable[10x4] +=");
    assertSteps(
        graph,
        Set.of(FIRST),
        "d%4 -> d%3 =",
        "d%3 -> d%2 =",
        "d%2 -> d%1 = d%1 +=",
        "d%1 -> dfirst[4x4] +=");
  }

  @Test
  void tiedEmbeddingsHaveOneGradientOfTwoTerms() {
    BackwardProgram program = BackwardProgram.of(chain(), Set.of(TABLE));
    assertEquals(Set.of(TABLE), program.trained());
    assertEquals(
        2, program.steps().stream().filter(step -> step.weights().contains(TABLE)).count());
  }

  @Test
  void keepsOfTheForwardPassOnlyWhatItReads() {
    Graph graph = chain();
    List<Value> values = graph.values();
    assertEquals(
        Set.of(values.get(0), values.get(1), values.get(2), values.get(4)),
        BackwardProgram.of(graph, graph.weights()).kept());
    assertEquals(Set.of(values.get(2)), BackwardProgram.of(graph, Set.of(SECOND)).kept());
    assertEquals(Set.of(), BackwardProgram.of(graph, Set.of(BIAS)).kept());
    assertEquals(
        Set.of(values.get(0)), BackwardProgram.of(graph, Set.of(NORM)).kept(), "rms is recomputed");
  }

  /** %0 rows, %1 %2 %3 query, key, value, %4 rotated keys, %5 mixed, %6 outputs. */
  private Graph attention(Optional<Weight> sinks) {
    Value x = builder.embed("rows", TABLE);
    Value query = builder.linear("q", x, FIRST, Weight.none());
    Value key = builder.linear("k", x, SECOND, Weight.none());
    Value value = builder.linear("v", x, Weight.matrix("third", 4, 4), Weight.none());
    RotaryTable rope = new RotaryTable(RotaryTable.Pairing.HALVES, new double[] {1}, 1);
    key = builder.rope("rope", key, 2, rope);
    KvLayer kv = builder.kvLayer(2, 2, 2);
    builder.kvAppend("kv", key, value, kv);
    Value y = builder.attention("attn", new Op.Attention(query, kv, 2, 1, 0, 0, sinks));
    return builder.build(builder.gatherRows("outputs", y));
  }

  @Test
  void attentionReachesKeysAndValuesThroughTheCache() {
    Graph graph = attention(Weight.none());
    assertSteps(
        graph,
        graph.weights(),
        "d%6 -> d%5 =",
        "d%5 -> d%1 = d%4 = d%3 =",
        "d%4 -> d%2 =",
        "d%3 -> d%0 = dthird[4x4] +=",
        "d%2 -> d%0 += dsecond[4x4] +=",
        "d%1 -> d%0 += dfirst[4x4] +=",
        "d%0 -> dtable[10x4] +=");
    assertSteps(
        graph,
        Set.of(SECOND),
        "d%6 -> d%5 =",
        "d%5 -> d%4 =",
        "d%4 -> d%2 =",
        "d%2 -> dsecond[4x4] +=");
  }

  @Test
  void valuesAloneNeedNoValues() {
    Weight sinks = Weight.vector("sinks", 2);
    Graph graph = attention(Optional.of(sinks));
    List<Value> values = graph.values();
    Weight third = Weight.matrix("third", 4, 4);
    assertEquals(
        Set.of(values.get(0), values.get(1), values.get(4)),
        BackwardProgram.of(graph, Set.of(third)).kept());
    assertEquals(
        Set.of(values.get(1), values.get(3), values.get(4)),
        BackwardProgram.of(graph, Set.of(sinks)).kept());
  }

  @Test
  void gatesNeedBothInputsAndWhatTheyGateOnlyTheGate() {
    Value gate = builder.linear("g", builder.embed("rows", TABLE), FIRST, Weight.none());
    Value up = builder.linear("u", gate, SECOND, Weight.none());
    Value y = builder.gatedActivation("y", gate, up, Activation.SILU);
    Graph graph = builder.build(builder.softcap("cap", builder.gatherRows("outputs", y), 3));
    assertEquals(Set.of(gate, graph.output()), BackwardProgram.of(graph, Set.of(SECOND)).kept());
    assertTrue(BackwardProgram.of(graph, Set.of(FIRST)).kept().containsAll(List.of(gate, up)));
  }

  @Test
  void refusesWeightsThatAreNotTheGraphs() {
    Graph graph = chain();
    refuses("no weight of graph test is to be trained", graph);
    refuses("has no weight other", graph, Weight.vector("other", 4));
    refuses("has no weight first", graph, Weight.matrix("first", 2, 4));
  }

  @Test
  void refusesWeightsThatShareElementsAndTrainsSlicesThatDoNot() {
    Weight fused = Weight.matrix("fused", 8, 4);
    Weight low = fused.sliceRows(0, 4);
    Weight high = fused.sliceRows(4, 4);
    Weight middle = fused.sliceRows(3, 4);
    Value x = builder.embed("rows", TABLE);
    x = builder.linear("low", x, low, Weight.none());
    x = builder.linear("high", x, high, Weight.none());
    Graph disjoint = builder.build(builder.gatherRows("outputs", x));
    assertEquals(Set.of(low, high), BackwardProgram.of(disjoint, Set.of(low, high)).trained());
    x = builder.linear("middle", x, middle, Weight.none());
    Graph overlapping = builder.build(builder.gatherRows("more", x));
    refuses("same elements", overlapping, low);
    refuses("same elements", overlapping, high);
    assertEquals(Set.of(TABLE), BackwardProgram.of(overlapping, Set.of(TABLE)).trained());
  }

  @Test
  void refusesACacheThatIsReadFirstOrWrittenTwice() {
    Value x = builder.embed("rows", TABLE);
    KvLayer kv = builder.kvLayer(1, 4, 4);
    Op.Attention op = new Op.Attention(x, kv, 1, 1, 0, 0, Weight.none());
    Value y = builder.attention("early", op);
    Graph early = builder.build(builder.gatherRows("outputs", y));
    refuses("early reads keys and values", early, TABLE);

    GraphBuilder twice = new GraphBuilder("twice");
    Value z = twice.embed("rows", TABLE);
    KvLayer layer = twice.kvLayer(1, 4, 4);
    twice.kvAppend("once", z, z, layer);
    twice.kvAppend("again", z, z, layer);
    refuses("again writes", twice.build(twice.gatherRows("outputs", z)), TABLE);
  }

  private static void refuses(String part, Graph graph, Weight... trained) {
    String message =
        assertThrows(TrainException.class, () -> BackwardProgram.of(graph, Set.of(trained)))
            .getMessage();
    assertTrue(message.contains(part), message);
  }
}
