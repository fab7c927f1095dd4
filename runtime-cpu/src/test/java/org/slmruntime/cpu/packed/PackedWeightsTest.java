package org.slmruntime.cpu.packed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.RandomWeights;

/** Which matrices are packed. */
class PackedWeightsTest {
  private static final int WIDTH = 192;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final RandomWeights weights = new RandomWeights(new Random(seed));
  private final GraphBuilder graph = new GraphBuilder("layers");
  private final Value x = graph.embed("embed", weights.matrix("embed", 7, WIDTH, DType.F16));
  private Value last = x;

  private Weight layer(String name, int rows, DType type) {
    Weight weight = weights.matrix(name, rows, WIDTH, type);
    last = graph.linear(name, x, weight, Weight.none());
    return weight;
  }

  private void assertPacked(Weight... expected) {
    Value rows = graph.gatherRows("rows", last);
    assertEquals(Set.of(expected), PackedWeights.of(graph.build(rows), weights).keySet());
  }

  @Test
  void aSmallModelInQ8IsReadInPlaceWithItsOneLargeMatrix() {
    layer("small", 512, DType.Q8_0);
    layer("output", 2048, DType.Q8_0);
    assertPacked();
  }

  @Test
  void severalLargeMatricesArePackedButNotTheSmallOnesBesideThem() {
    Weight one = layer("one", 2048, DType.Q8_0);
    layer("small", 512, DType.Q8_0);
    assertPacked(one, layer("two", 1024, DType.Q8_0));
  }

  @Test
  void otherFormatsArePackedHoweverSmallAndLargeOnesBesideThem() {
    Weight small = layer("small", 32, DType.Q4_0);
    assertPacked(small, layer("output", 2048, DType.Q8_0));
  }
}
