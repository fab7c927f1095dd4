package org.slmruntime.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slmruntime.backend.reference.ReferenceBackendProvider;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/** A changed graph beside the same graph with merged weights, W + scale B A. */
class LoraGraphTest {
  private static final int TOKENS = 3;
  private static final int WIDTH = 7;
  private static final int PART = 5;
  private static final Weight FUSED = Weight.matrix("qkv", 3 * PART, WIDTH);
  private static final Weight OUT = Weight.matrix("out", 4, PART);

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<String, float[]> stored = new HashMap<>();

  /** q * k + v of slices of one matrix with bias, and a matrix over the wanted rows. */
  private Graph graph() {
    GraphBuilder builder = new GraphBuilder("test");
    Value x = builder.embed("embed", Weight.matrix("table", TOKENS, WIDTH));
    builder.layer(0);
    Weight bias = Weight.vector("bias", 3 * PART);
    Value[] parts = new Value[3];
    for (int i = 0; i < 3; i++) {
      Weight rows = FUSED.sliceRows(i * PART, PART);
      Weight itsBias = bias.sliceVector(i * PART, PART);
      parts[i] = builder.linear("part" + i, x, rows, Optional.of(itsBias));
    }
    Value mixed = builder.add("sum", builder.mul("mul", parts[0], parts[1]), parts[2]);
    builder.layer(-1);
    Value wanted = builder.gatherRows("rows", mixed);
    Graph graph = builder.build(builder.linear("out", wanted, OUT, Weight.none()));
    store(Weight.matrix("table", TOKENS, WIDTH));
    store(FUSED);
    store(bias);
    store(OUT);
    return graph;
  }

  private void store(Weight weight) {
    float[] values = new float[(int) weight.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    stored.put(weight.name(), values);
  }

  private LowRank change(String name, Weight base, int rank, float scale) {
    LowRank change = LowRank.named(name, base, rank, scale);
    store(change.a());
    store(change.b());
    return change;
  }

  /** Adds scale B A to the rows that are changed. */
  private Map<String, float[]> merged(List<LowRank> changes) {
    Map<String, float[]> merged = new HashMap<>(stored);
    for (LowRank c : changes) {
      float[] w = merged.get(c.base().name()).clone();
      float[] a = stored.get(c.a().name());
      float[] b = stored.get(c.b().name());
      int columns = c.base().columns();
      for (int i = 0; i < c.base().elements(); i++) {
        double sum = 0;
        for (int r = 0; r < c.rank(); r++) {
          sum += (double) b[i / columns * c.rank() + r] * a[r * columns + i % columns];
        }
        w[(int) c.base().offset() + i] += (float) (c.scale() * sum);
      }
      merged.put(c.base().name(), w);
    }
    return merged;
  }

  private static float[] run(Graph graph, Map<String, float[]> values) {
    PlanOptions options =
        new PlanOptions(
            TOKENS, 1, TOKENS, 1, TOKENS, DType.F32, ValueObserver.NONE, ProgressListener.NONE);
    StepInput step = new StepInput();
    step.beginSequence(new int[] {0}, 1);
    for (int i = 0; i < TOKENS; i++) {
      step.addToken(i, i, true);
    }
    try (Plan plan =
        new ReferenceBackendProvider()
            .open(BackendOptions.defaults())
            .compile(graph, weights(values), options)) {
      return Arrays.copyOf(plan.step(step), TOKENS * graph.outputWidth());
    }
  }

  private static Weights weights(Map<String, float[]> values) {
    return weight -> {
      int n = (int) weight.elements();
      ByteBuffer bytes = ByteBuffer.allocate(4 * n).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values.get(weight.name()), (int) weight.offset(), n);
      return new Weights.Stored(DType.F32, MemorySegment.ofArray(bytes.array()));
    };
  }

  private void agreesWithMerged(Graph graph, List<LowRank> changes) {
    float[] plain = run(graph, stored);
    float[] expected = run(graph, merged(changes));
    float[] actual = run(LoraGraph.adapt(graph, changes), stored);
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertArrayEquals(expected, actual, 1e-5f * (1 + largest), "seed " + seed);
    assertTrue(!Arrays.equals(plain, actual), "nothing has changed, seed " + seed);
  }

  @Test
  void changesOneLayer() {
    Graph graph = graph();
    agreesWithMerged(graph, List.of(change("out", OUT, 1 + random.nextInt(9), 0.75f)));
  }

  @Test
  void changesALayerSeveralTimes() {
    Graph graph = graph();
    agreesWithMerged(
        graph,
        List.of(change("x", OUT, 2, -0.5f), change("y", OUT, 3, 1), change("z", FUSED, 1, 1.5f)));
  }

  @Test
  void changesAllSlicesOfAFusedMatrixOrOne() {
    Graph graph = graph();
    agreesWithMerged(graph, List.of(change("qkv", FUSED, 3, 2)));
    agreesWithMerged(graph, List.of(change("k", FUSED.sliceRows(PART, PART), 2, 2)));
    agreesWithMerged(
        graph,
        List.of(
            change("qk", FUSED.sliceRows(0, 2 * PART), 2, 1),
            change("v", FUSED.sliceRows(2 * PART, PART), 4, 1)));
  }

  @Test
  void multipliesByAOnceForAllSlices() {
    Graph graph = graph();
    Graph adapted = LoraGraph.adapt(graph, List.of(change("qkv", FUSED, 3, 2)));
    long products =
        adapted.nodes().stream()
            .filter(n -> n.op().weights().equals(List.of(Weight.matrix("qkv.lora_a", 3, WIDTH))))
            .count();
    assertEquals(1, products, adapted.toString());
    long scales = adapted.nodes().stream().filter(n -> n.op() instanceof Op.Scale).count();
    assertEquals(1, scales, adapted.toString());
  }

  @Test
  void changesNothingWithAScaleOfZero() {
    Graph graph = graph();
    Graph adapted = LoraGraph.adapt(graph, List.of(change("out", OUT, 2, 0)));
    assertArrayEquals(run(graph, stored), run(adapted, stored), "seed " + seed);
  }

  @Test
  void keepsWhatIsNotChanged() {
    Graph graph = graph();
    Graph adapted = LoraGraph.adapt(graph, List.of(change("out", OUT, 2, 2)));
    assertSame(graph.output(), adapted.output());
    assertEquals(graph.values(), adapted.values().subList(0, graph.values().size()));
    for (int i = 0; i < adapted.values().size(); i++) {
      assertEquals(i, adapted.values().get(i).id());
    }
    List<Node> nodes = adapted.nodes();
    assertEquals(graph.nodes().subList(0, 7), nodes.subList(0, 7));
    assertEquals(
        List.of("out", "out.lora0.a", "out.lora0.scale", "out.lora0.b", "out.lora0"),
        nodes.subList(7, nodes.size()).stream().map(Node::qualifiedName).toList());
    assertEquals(graph, LoraGraph.adapt(graph, List.of()));
  }

  @Test
  void refusesChangesThatDoNotFit() {
    Graph graph = graph();
    LowRank embedding = LowRank.named("e", Weight.matrix("table", TOKENS, WIDTH), 1, 1);
    refuses(graph, List.of(embedding), "no linear layer with the matrix table[3x7]");
    LowRank half = LowRank.named("h", FUSED.sliceRows(1, 2), 1, 1);
    refuses(graph, List.of(half), "no linear layer with the matrix qkv+7[2x7]");
    LowRank one = LowRank.named("out", OUT, 1, 1);
    refuses(graph, List.of(one, one), "has out.lora_a[1x5] or out.lora_b[4x1] already");
    assertThrows(AdapterException.class, () -> LowRank.named("o", OUT, 1, Float.NaN));
    Weight a = Weight.matrix("a", 2, PART);
    assertThrows(AdapterException.class, () -> new LowRank(OUT, a, Weight.matrix("b", 4, 3), 1));
  }

  private static void refuses(Graph graph, List<LowRank> changes, String problem) {
    String message =
        assertThrows(AdapterException.class, () -> LoraGraph.adapt(graph, changes)).getMessage();
    assertTrue(message.contains(problem), message);
  }
}
