package org.slmruntime.cuda.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slmruntime.cuda.plan.Fuser;
import org.slmruntime.cuda.plan.Program;
import org.slmruntime.cuda.plan.Stack;
import org.slmruntime.cuda.testing.LlamaGraph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.kernels.MatrixLayout;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.RandomWeights;

class WeightPlanTest {
  private static final long NO_LIMIT = Long.MAX_VALUE;

  private static WeightPlan plan(LlamaGraph model, long shardBytes) {
    Program program = Fuser.fuse(model.graph(), w -> model.weights().get(w).type());
    return WeightPlan.of(program, w -> model.weights().get(w).type(), shardBytes);
  }

  private static long matrixBytes(WeightPlan plan) {
    return plan.regions().stream().mapToLong(Region::bytes).sum();
  }

  @Test
  void aTiedEmbeddingIsThereOnce() {
    long tied =
        matrixBytes(plan(LlamaGraph.make(1, LlamaGraph.Shape.qwen3(1, DType.Q4_0)), NO_LIMIT));
    long separate =
        matrixBytes(plan(LlamaGraph.make(1, LlamaGraph.Shape.llama(1, DType.Q4_0)), NO_LIMIT));
    long table = new MatrixLayout(DType.Q4_0, LlamaGraph.VOCABULARY, LlamaGraph.WIDTH).bytes();
    assertEquals(separate - table, tied);
  }

  @Test
  void slicesThatOverlapShareTheirRows() {
    RandomWeights weights = new RandomWeights(new Random(1));
    GraphBuilder graph = new GraphBuilder("slices");
    Value x = graph.embed("x", weights.matrix("x", 8, 32, DType.F32));
    Weight fused = weights.matrix("w", 75, 32, DType.Q4_0);
    Weight low = fused.sliceRows(20, 35);
    Weight high = fused.sliceRows(40, 35);
    Value a = graph.linear("a", x, low, Weight.none());
    Value b = graph.linear("b", x, high, Weight.none());
    Program program =
        Fuser.fuse(
            graph.build(graph.gatherRows("rows", graph.mul("y", a, b))),
            w -> weights.get(w).type());
    WeightPlan plan = WeightPlan.of(program, w -> weights.get(w).type(), NO_LIMIT);
    assertEquals(2, plan.regions().size());
    WeightPlan.RowPlace first = plan.places().get(Stack.of(low));
    WeightPlan.RowPlace second = plan.places().get(Stack.of(high));
    assertEquals(first.region(), second.region());
    assertEquals(0, first.firstRow());
    assertEquals(20, second.firstRow());
    assertEquals(55, plan.regions().get(first.region()).stack().rows());
  }

  @Test
  void noAllocationIsLargerThanItsLimitUnlessOneMatrixIs() {
    LlamaGraph model = LlamaGraph.make(1, LlamaGraph.Shape.llama(3, DType.F32));
    WeightPlan whole = plan(model, NO_LIMIT);
    assertEquals(1, whole.shards().size());
    long limit = 1 << 20;
    WeightPlan cut = plan(model, limit);
    assertTrue(cut.shards().size() > 2, cut.shards().toString());
    long largest = cut.regions().stream().mapToLong(Region::bytes).max().orElseThrow();
    cut.shards().forEach(s -> assertTrue(s <= Math.max(limit, largest), cut.shards().toString()));
    assertEquals(whole.bytes(), cut.bytes());
  }
}
