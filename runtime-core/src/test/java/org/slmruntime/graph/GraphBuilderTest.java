package org.slmruntime.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GraphBuilderTest {
  private final GraphBuilder builder = new GraphBuilder("test");
  private final Value embedded = builder.embed("embed", Weight.matrix("table", 10, 8));

  @Test
  void infersShapesFromWeights() {
    Value y = builder.linear("up", embedded, Weight.matrix("w", 12, 8), Weight.none());
    assertEquals(12, y.width());
    assertEquals(Rows.TOKENS, y.rows());
    assertEquals(Rows.OUTPUTS, builder.gatherRows("rows", y).rows());
  }

  @Test
  void printsOneLinePerNode() {
    Value rows = builder.gatherRows("rows", embedded);
    String text = builder.build(rows).toString();
    assertEquals(4, text.lines().count(), text);
    assertTrue(text.contains("%1: OUTPUTSx8 = rows"), text);
  }

  @Test
  void listsEveryWeightOnce() {
    Weight w = Weight.matrix("w", 8, 8);
    Value y = builder.linear("a", embedded, w, Optional.of(Weight.vector("b", 8)));
    Value z = builder.linear("c", y, w, Weight.none());
    Graph graph = builder.build(builder.gatherRows("rows", z));
    assertEquals(List.of("table", "w", "b"), graph.weights().stream().map(Weight::name).toList());
  }

  @Test
  void slicesOfAFusedWeightAreDifferentWeights() {
    Weight fused = Weight.matrix("qkv", 24, 8);
    assertEquals(new Weight("qkv", 64, 4, 8), fused.sliceRows(8, 4));
    assertEquals(new Weight("b", 8, 1, 4), Weight.vector("b", 24).sliceVector(8, 4));
  }

  @Test
  void refusesShapesThatDoNotFitAndNamesNodeAndLayer() {
    builder.layer(3);
    GraphException e =
        assertThrows(
            GraphException.class,
            () -> builder.linear("attn_q", embedded, Weight.matrix("w", 4, 7), Weight.none()));
    assertTrue(e.getMessage().contains("blk.3.attn_q"), e.getMessage());
    assertTrue(e.getMessage().contains("w[4x7]"), e.getMessage());
  }

  @Test
  void refusesWhatNoBackendCouldRun() {
    KvLayer kv = builder.kvLayer(3, 4, 4);
    Value narrow = builder.linear("n", embedded, Weight.matrix("n", 4, 8), Weight.none());
    Value rows = builder.gatherRows("rows", embedded);
    RotaryTable wide = new RotaryTable(RotaryTable.Pairing.HALVES, new double[] {1, 1, 1, 1, 1}, 1);
    refused(() -> builder.add("a", embedded, narrow));
    refused(() -> builder.add("a", embedded, rows));
    refused(() -> builder.gatherRows("g", rows));
    refused(() -> builder.kvAppend("kv", narrow, embedded, kv));
    refused(() -> builder.kvAppend("kv", narrow, narrow, new KvLayer(7, 1, 4, 4)));
    refused(() -> builder.rope("r", embedded, 1, wide));
    refused(() -> builder.rope("r", embedded, 3, wide));
    refused(() -> builder.rmsNorm("n", embedded, Weight.vector("w", 3), 1, 0));
    refused(() -> builder.softcap("s", embedded, 0));
    refused(
        () -> builder.attention("a", new Op.Attention(embedded, kv, 2, 1, 0, 0, Weight.none())));
    refused(() -> builder.build(embedded));
    refused(() -> builder.add("foreign", new Value(99, Rows.TOKENS, 8), embedded));
  }

  private static void refused(Runnable action) {
    assertThrows(GraphException.class, action::run);
  }
}
