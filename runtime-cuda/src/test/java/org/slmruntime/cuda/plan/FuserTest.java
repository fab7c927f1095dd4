package org.slmruntime.cuda.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.cuda.testing.LlamaGraph;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.RandomWeights;

/** Which operations become one step. */
class FuserTest {
  private final RandomWeights weights = new RandomWeights(new Random(1));
  private final GraphBuilder graph = new GraphBuilder("case");

  private Value input(String name, int width) {
    return graph.embed(name, matrix(name, 8, width));
  }

  private Weight matrix(String name, int rows, int columns) {
    return weights.matrix(name, rows, columns, DType.F32);
  }

  private Value linear(String name, Value x, int rows) {
    return graph.linear(name, x, matrix(name, rows, x.width()), Weight.none());
  }

  private Program fuse(Value output) {
    Graph built = graph.build(graph.gatherRows("rows", output));
    return Fuser.fuse(built, weight -> weights.get(weight).type());
  }

  private static List<Step.Product> products(Program program) {
    return program.steps().stream()
        .filter(Step.Product.class::isInstance)
        .map(Step.Product.class::cast)
        .toList();
  }

  private static List<Op> singles(Program program) {
    return program.steps().stream()
        .filter(Step.Single.class::isInstance)
        .map(step -> ((Step.Single) step).op())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aDecoderLayerIsSixSteps(int layers) {
    for (LlamaGraph.Shape shape :
        List.of(
            LlamaGraph.Shape.llama(layers, DType.Q4_0),
            LlamaGraph.Shape.qwen2(layers, DType.Q8_0),
            LlamaGraph.Shape.qwen3(layers, DType.Q4_K))) {
      LlamaGraph model = LlamaGraph.make(1, shape);
      Program program = Fuser.fuse(model.graph(), w -> model.weights().get(w).type());
      // Beside the layers: embedding, row gather, output.
      assertEquals(6 * layers + 3, program.steps().size(), program.steps().toString());
    }
  }

  @Test
  void everyNodeIsAStepForAnObserver() {
    LlamaGraph model = LlamaGraph.make(1, LlamaGraph.Shape.qwen3(2, DType.F32));
    Program program = Fuser.separate(model.graph());
    assertEquals(model.graph().nodes(), program.nodes());
    for (Value value : model.graph().values()) {
      long same = program.views().values().stream().filter(program.view(value)::equals).count();
      assertEquals(1, same, value + " shares its place");
    }
  }

  @Test
  void projectionsOfOneInputAndFormatAreOneProduct() {
    Value x = input("x", 8);
    Value a = linear("a", x, 4);
    Value b = linear("b", x, 12);
    Weight half = weights.matrix("c", 12, 8, DType.F16);
    Value c = graph.linear("c", x, half, Weight.none());
    Program program = fuse(graph.mul("y", graph.mul("ab", b, c), graph.scale("s", b, 2)));
    List<Step.Product> products = products(program);
    assertEquals(2, products.size());
    assertEquals(List.of(a, b), products.getFirst().outputs());
    assertEquals(4, program.view(b).column());
    assertEquals(program.view(a).buffer(), program.view(b).buffer());
  }

  @Test
  void weightsThatOthersReadStayWhereTheyAre() {
    Value x = input("x", 8);
    Weight fused = matrix("w", 24, 8);
    Value a = graph.linear("a", x, fused.sliceRows(0, 12), Weight.none());
    Value b = graph.linear("b", x, fused.sliceRows(8, 12), Weight.none());
    Program program = fuse(graph.mul("y", a, b));
    assertEquals(2, products(program).size());
  }

  @Test
  void aNormThatOnlyProductsReadIsTheirs() {
    Value x = input("x", 8);
    Value normed = graph.rmsNorm("n", x, weights.vector("n", 8, 1), 1, 1e-6f);
    Value y = linear("y", normed, 8);
    Program program = fuse(y);
    assertTrue(singles(program).stream().noneMatch(Op.RmsNorm.class::isInstance));
    assertEquals(1e-6f, products(program).getFirst().norm().orElseThrow().epsilon());
    assertEquals(x, products(program).getFirst().input());
  }

  @Test
  void aNormThatOthersReadIsMade() {
    Value x = input("x", 8);
    Value normed = graph.rmsNorm("n", x, weights.vector("n", 8, 1), 1, 1e-6f);
    Program program = fuse(graph.mul("z", linear("y", normed, 8), normed));
    assertEquals(1, singles(program).stream().filter(Op.RmsNorm.class::isInstance).count());
    assertTrue(products(program).getFirst().norm().isEmpty());
  }

  @Test
  void aResidualIsAddedByTheProductOnEitherSide() {
    Value x = input("x", 8);
    Value y = graph.add("y", x, linear("a", x, 8));
    Value z = graph.add("z", linear("b", y, 8), y);
    Program program = fuse(z);
    assertEquals(
        List.of(Optional.of(x), Optional.of(y)),
        products(program).stream().map(Step.Product::residual).toList());
  }

  @Test
  void aProductThatIsReadTwiceIsNoResidual() {
    Value x = input("x", 8);
    Value a = linear("a", x, 8);
    Program program = fuse(graph.mul("z", graph.add("y", x, a), a));
    assertTrue(products(program).getFirst().residual().isEmpty());
    assertEquals(1, singles(program).stream().filter(Op.Add.class::isInstance).count());
  }

  @Test
  void gateAndUpAreInterleavedUnlessOneIsReadElsewhere() {
    Value x = input("x", 8);
    Value gate = linear("gate", x, 6);
    Value up = linear("up", x, 6);
    Value y = graph.gatedActivation("act", gate, up, Activation.GELU_TANH);
    Program program = fuse(y);
    Step.Product product = products(program).getFirst();
    assertEquals(Optional.of(Activation.GELU_TANH), product.activation());
    assertTrue(product.matrix().interleaved());
    assertEquals(List.of(y), product.outputs());

    FuserTest other = new FuserTest();
    Value x2 = other.input("x", 8);
    Value gate2 = other.linear("gate", x2, 8);
    Value up2 = other.linear("up", x2, 8);
    Value y2 = other.graph.gatedActivation("act", gate2, up2, Activation.SILU);
    Program separate = other.fuse(other.graph.mul("z", y2, up2));
    assertTrue(products(separate).getFirst().activation().isEmpty());
    assertEquals(
        1, singles(separate).stream().filter(Op.GatedActivation.class::isInstance).count());
  }

  private record Heads(Value query, Value key, Value value, KvLayer kv) {}

  private Heads heads(RotaryTable forQuery, RotaryTable forKey) {
    Value query = graph.rope("q", input("q", 32), 4, forQuery);
    Value key = graph.rope("k", input("k", 16), 2, forKey);
    return new Heads(query, key, input("v", 16), graph.kvLayer(2, 8, 8));
  }

  private Value attend(Heads heads) {
    graph.kvAppend("kv", heads.key, heads.value, heads.kv);
    return graph.attention(
        "attn", new Op.Attention(heads.query, heads.kv, 4, 1, 0, 0, Weight.none()));
  }

  private static RotaryTable rope(double frequency) {
    return new RotaryTable(RotaryTable.Pairing.ADJACENT, new double[] {1, frequency}, 1);
  }

  private static Step.Append append(Program program) {
    return (Step.Append)
        program.steps().stream().filter(Step.Append.class::isInstance).findFirst().orElseThrow();
  }

  @Test
  void queriesAndKeysAreRotatedWhereTheyLie() {
    Heads heads = heads(rope(0.1), rope(0.1));
    Program program = fuse(attend(heads));
    assertTrue(append(program).query().isPresent());
    assertEquals(program.view(append(program).key()), program.view(heads.key));
    assertFalse(singles(program).stream().anyMatch(Op.Rope.class::isInstance));
  }

  @Test
  void queriesThatAreRotatedOtherwiseAreRotatedAlone() {
    Program program = fuse(attend(heads(rope(0.1), rope(0.2))));
    assertTrue(append(program).query().isEmpty());
    assertEquals(Optional.of(rope(0.2)), append(program).rope());
    assertEquals(1, singles(program).stream().filter(Op.Rope.class::isInstance).count());
  }

  @Test
  void keysThatAreReadBeforeTheAppendAreMadeBeforeIt() {
    Heads heads = heads(rope(0.1), rope(0.1));
    Value early = graph.scale("early", heads.key, 3);
    Value mixed = attend(heads);
    Program program = fuse(graph.mul("y", linear("l", mixed, 16), early));
    assertEquals(Optional.empty(), append(program).rope());
  }

  @Test
  void aValueThatIsAlsoTheKeyIsNotRotatedUnderTheReader() {
    Value both = graph.rope("k", input("k", 16), 2, rope(0.1));
    KvLayer kv = graph.kvLayer(2, 8, 8);
    Program program = fuse(attend(new Heads(input("q", 32), both, both, kv)));
    assertEquals(Optional.empty(), append(program).rope());
  }
}
