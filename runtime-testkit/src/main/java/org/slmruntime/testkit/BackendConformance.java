package org.slmruntime.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.slmruntime.backend.reference.ReferenceBackendProvider;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/**
 * What every backend must do, each operation and format against the reference backend. Data is
 * drawn anew in each run; failures name the seed. {@code -Dslm.test.seed} repeats one.
 */
public abstract class BackendConformance {
  /** Every weight format that a backend must read. */
  protected static final List<DType> FORMATS =
      List.of(
          DType.F32,
          DType.F16,
          DType.BF16,
          DType.Q8_0,
          DType.Q4_0,
          DType.Q4_1,
          DType.Q5_0,
          DType.Q5_1,
          DType.Q2_K,
          DType.Q3_K,
          DType.Q4_K,
          DType.Q5_K,
          DType.Q6_K,
          DType.IQ4_NL,
          DType.IQ4_XS);

  private static final List<DType> KV_TYPES = List.of(DType.F32, DType.F16, DType.Q8_0);

  /** Around the vector lengths 4, 8 and 16, and their multiples. */
  private static final int[] WIDTHS = {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100};

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private Backend backend;

  /** Opens the backend under test. */
  protected abstract Backend open();

  /** Relative RMS error allowed for one operation with float32 activations. */
  protected double limit() {
    return 1e-5;
  }

  /** The same for a product with a matrix, whose inputs a backend may round. */
  protected double productLimit(DType type, int tokens) {
    return limit();
  }

  /** Results of a product that are smaller count as this large; on average they are one. */
  protected double productFloor(DType type) {
    return 0.3;
  }

  /** Relative RMS error allowed for the logits of a small model with a float32 cache. */
  protected double modelLimit(DType type) {
    return 10 * limit();
  }

  /**
   * Whether to try one of many combinations, drawn anew in each run, instead of all: for backends
   * that take their time.
   */
  protected boolean drawsCombinations() {
    return false;
  }

  /** Tokens of a past that a backend cuts into parts. */
  protected int longPast(DType kvType) {
    return 512;
  }

  /** All of them, or one. */
  private <T> List<T> some(List<T> all, Random random) {
    return drawsCombinations() ? List.of(one(all, random)) : all;
  }

  /** One, where so many are drawn in a run that each has its turn beside every other choice. */
  private static <T> T one(List<T> all, Random random) {
    return all.get(random.nextInt(all.size()));
  }

  /** Whether a token's result must be the same to the bit whatever else is in the step. */
  protected boolean batchInvariant() {
    return true;
  }

  @BeforeEach
  void openBackend() {
    backend = open();
  }

  @AfterEach
  void closeBackend() {
    backend.close();
  }

  @TestFactory
  Stream<DynamicTest> multipliesWithEveryFormat() {
    return FORMATS.stream().map(type -> dynamicTest(type.toString(), () -> multiplies(type)));
  }

  private void multiplies(DType type) {
    int block = type.blockElements();
    for (int rows : new int[] {1, 2, 3, 4, 5, 37, 130}) {
      for (int columns : new int[] {block, 3 * block, block == 1 ? 77 : 8 * block}) {
        OpCase c = new OpCase(seed + rows * 1000L + columns);
        c.floor = productFloor(type);
        Value x = c.input("x", columns);
        Weight weight = c.weights.matrix("w", rows, columns, type);
        Value y = c.graph.linear("y", x, weight, Weight.none());
        for (int tokens : new int[] {1, 2, 4, 7, 33}) {
          c.check(backend, y, List.of(c.tokens(tokens)), tokens, productLimit(type, tokens));
        }
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> addsBiasesAndReadsSlicesOfFusedMatrices() {
    return FORMATS.stream().map(type -> dynamicTest(type.toString(), () -> slices(type)));
  }

  private void slices(DType type) {
    int columns = 2 * Math.max(32, type.blockElements());
    OpCase c = new OpCase(seed);
    Value x = c.input("x", columns);
    Weight fused = c.weights.matrix("w", 75, columns, type);
    Weight bias = c.weights.vector("b", 75, 1);
    Optional<Weight> slice = Optional.of(bias.sliceVector(20, 35));
    Value a = c.graph.linear("a", x, fused.sliceRows(20, 35), slice);
    Value b = c.graph.linear("b", x, fused.sliceRows(40, 35), Weight.none());
    c.check(backend, c.graph.add("sum", a, b), List.of(c.tokens(9)), 9, productLimit(type, 9));
  }

  @TestFactory
  Stream<DynamicTest> embedsFromEveryFormat() {
    return FORMATS.stream()
        .map(
            type ->
                dynamicTest(
                    type.toString(),
                    () -> {
                      OpCase c = new OpCase(seed);
                      int width = 2 * Math.max(32, type.blockElements());
                      Weight table = c.weights.matrix("table", 50, width, type);
                      Value rows = c.graph.embed("rows", table);
                      c.check(backend, rows, List.of(c.tokens(20)), 20, 1e-6);
                    }));
  }

  @TestFactory
  Stream<DynamicTest> normsRowsAndHeads() {
    return IntStream.of(WIDTHS)
        .mapToObj(size -> dynamicTest("size " + size, () -> normsOfSize(size)));
  }

  private void normsOfSize(int size) {
    for (int groups : new int[] {1, 3}) {
      for (boolean shared : new boolean[] {true, false}) {
        OpCase c = new OpCase(seed + size);
        Value x = c.input("x", size * groups);
        Weight weight = c.weights.vector("w", shared ? size : size * groups, 1);
        Value y = c.graph.rmsNorm("y", x, weight, groups, 1e-5f);
        c.check(backend, y, List.of(c.tokens(5)), 5, limit());
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> rotatesHeads() {
    return Stream.of(RotaryTable.Pairing.values())
        .flatMap(
            pairing ->
                IntStream.of(1, 2, 4, 7, 8, 16, 32)
                    .mapToObj(
                        pairs ->
                            dynamicTest(
                                pairing + ", " + pairs + " pairs", () -> rotates(pairing, pairs))));
  }

  private void rotates(RotaryTable.Pairing pairing, int pairs) {
    for (int rest : new int[] {0, 2, 5}) {
      OpCase c = new OpCase(seed + pairs);
      double[] frequencies = new double[pairs];
      Arrays.setAll(frequencies, i -> Math.pow(10_000, -(double) i / pairs));
      RotaryTable table = new RotaryTable(pairing, frequencies, 1.1);
      Value x = c.input("x", 3 * (2 * pairs + rest));
      Value y = c.graph.rope("y", x, 3, table);
      List<int[]> sequences = List.of(c.tokens(50), c.tokens(13));
      c.check(backend, y, sequences, 30, limit());
    }
  }

  @TestFactory
  Stream<DynamicTest> computesElementWiseFunctions() {
    return IntStream.of(WIDTHS)
        .mapToObj(width -> dynamicTest("width " + width, () -> elementWise(width)));
  }

  private void elementWise(int width) {
    for (Activation activation : Activation.values()) {
      pointwise(width, (c, a, b) -> c.graph.gatedActivation("y", a, b, activation));
    }
    pointwise(width, (c, a, b) -> c.graph.add("y", a, b));
    pointwise(width, (c, a, b) -> c.graph.mul("y", a, b));
    pointwise(width, (c, a, b) -> c.graph.scale("y", a, -0.7f));
    pointwise(width, (c, a, b) -> c.graph.softcap("y", a, 1.5f));
  }

  private interface Pointwise {
    Value apply(OpCase c, Value a, Value b);
  }

  /** With arguments from tiny to large, so that exponentials over- and underflow. */
  private void pointwise(int width, Pointwise op) {
    for (float magnitude : new float[] {0.01f, 1, 30}) {
      OpCase c = new OpCase(seed + width);
      Value a = c.graph.scale("a", c.input("x0", width), magnitude);
      Value b = c.input("x1", width);
      c.check(backend, op.apply(c, a, b), List.of(c.tokens(3)), 3, limit());
    }
  }

  @TestFactory
  Stream<DynamicTest> attendsWithEveryCacheType() {
    return KV_TYPES.stream().map(type -> dynamicTest(type.toString(), () -> attendsAll(type)));
  }

  private void attendsAll(DType kvType) {
    attends(kvType, 4, 4, 8, 8, 0, 0, false);
    attends(kvType, 6, 2, 24, 40, 0, 0, false);
    attends(kvType, 8, 1, 64, 64, 0, 0, false);
    attends(kvType, 5, 5, 7, 3, 0, 0, false);
    attends(kvType, 10, 2, 33, 32, 5, 0, false);
    attends(kvType, 4, 2, 16, 16, 17, 12, true);
    attends(kvType, 40, 1, 16, 16, 1, 0, true);
  }

  private void attends(
      DType kvType,
      int heads,
      int kvHeads,
      int keySize,
      int valueSize,
      int window,
      float softcap,
      boolean sinks) {
    Random combination = new Random(seed + 31 * keySize + kvType.ordinal());
    for (int blockTokens : some(List.of(1, 5, 16, 32), combination)) {
      OpCase c = new OpCase(seed + heads);
      c.kvType = kvType;
      c.blockTokens = blockTokens;
      KvLayer kv = c.graph.kvLayer(kvHeads, keySize, valueSize);
      Value query = c.input("q", heads * keySize);
      c.graph.kvAppend("kv", c.input("k", kv.keyWidth()), c.input("v", kv.valueWidth()), kv);
      Optional<Weight> sinkWeight =
          sinks ? Optional.of(c.weights.vector("sinks", heads, 0)) : Weight.none();
      float scale = (float) (1 / Math.sqrt(keySize));
      Op.Attention op = new Op.Attention(query, kv, heads, scale, softcap, window, sinkWeight);
      Value y = c.graph.attention("y", op);
      int longest = Math.min(41, 20 * blockTokens);
      List<int[]> sequences = List.of(c.tokens(longest), c.tokens(1), c.tokens(18));
      int chunk = one(List.of(1, 6, 20), combination);
      // Rounding may fall to the other side of a half in a quantized cache.
      c.check(backend, y, sequences, chunk, kvType == DType.F32 ? limit() : 30 * limit());
    }
  }

  /** Backends cut a long past into parts, which sequences of other lengths must not move. */
  @TestFactory
  Stream<DynamicTest> attendsToLongPasts() {
    return some(KV_TYPES, new Random(seed)).stream()
        .map(type -> dynamicTest(type.toString(), () -> attendsFar(type)));
  }

  private void attendsFar(DType kvType) {
    attendsFar(kvType, 4, 2, 16, 0, false);
    attendsFar(kvType, 3, 1, 40, longPast(kvType) * 3 / 5, true);
  }

  private void attendsFar(
      DType kvType, int heads, int kvHeads, int size, int window, boolean sinks) {
    OpCase c = new OpCase(seed + heads);
    c.kvType = kvType;
    c.blockTokens = 32;
    KvLayer kv = c.graph.kvLayer(kvHeads, size, size);
    Value query = c.input("q", heads * size);
    c.graph.kvAppend("kv", c.input("k", kv.keyWidth()), c.input("v", kv.valueWidth()), kv);
    Optional<Weight> sinkWeight =
        sinks ? Optional.of(c.weights.vector("sinks", heads, 0)) : Weight.none();
    float scale = (float) (1 / Math.sqrt(size));
    Value y =
        c.graph.attention("y", new Op.Attention(query, kv, heads, scale, 0, window, sinkWeight));
    int far = longPast(kvType);
    // At any time they have seen different numbers of tokens.
    List<int[]> sequences =
        List.of(
            c.tokens(far + 60 + c.random.nextInt(60)),
            c.tokens(1 + c.random.nextInt(40)),
            c.tokens(far + c.random.nextInt(10)));
    int[] chunks = {1 + c.random.nextInt(45), 1, 7};
    double bound = kvType == DType.F32 ? limit() : 30 * limit();
    float[][] together = c.check(backend, y, sequences, chunks, bound);
    if (batchInvariant()) {
      c.checkSameAlone(backend, sequences, new int[] {1, 64}, together);
    }
  }

  @TestFactory
  Stream<DynamicTest> runsWholeModels() {
    return FORMATS.stream()
        .map(
            type ->
                dynamicTest(type.toString(), () -> wholeModel(TinyModel.make(seed, type), type)));
  }

  @Test
  void runsModelsWithAdapters() {
    List<DType> types = List.of(DType.F32, DType.Q4_0, DType.Q6_K);
    DType type = types.get(new Random(seed).nextInt(types.size()));
    wholeModel(TinyModel.make(seed, type).adapted(seed), type);
  }

  private void wholeModel(TinyModel model, DType type) {
    Random random = new Random(seed);
    List<int[]> sequences =
        Stream.of(33, 1, 12)
            .map(n -> random.ints(n, 0, TinyModel.VOCABULARY).toArray())
            .collect(Collectors.toList());
    DType kvType = one(KV_TYPES, new Random(seed + type.ordinal()));
    PlanOptions options = Batches.options(kvType, 8, ValueObserver.NONE);
    float[][] expected;
    try (Backend reference = new ReferenceBackendProvider().open(BackendOptions.defaults())) {
      expected = run(reference, model, options, sequences, 20);
    }
    float[][] actual = run(backend, model, options, sequences, 20);
    double bound = kvType == DType.F32 ? modelLimit(type) : 3e-2;
    for (int s = 0; s < expected.length; s++) {
      Errors.assertClose(actual[s], expected[s], bound, kvType + ", seed " + seed);
    }
    if (batchInvariant()) {
      assertSameAlone(model, options, sequences, actual);
    }
  }

  /** Alone, token by token, in chunks: to the bit what the ragged batch gave. */
  private void assertSameAlone(
      TinyModel model, PlanOptions options, List<int[]> sequences, float[][] together) {
    for (int s = 0; s < sequences.size(); s++) {
      for (int chunk : new int[] {1, 7, 64}) {
        float[][] alone = run(backend, model, options, List.of(sequences.get(s)), chunk);
        assertArrayEquals(
            together[s], alone[0], "sequence " + s + " in chunks of " + chunk + ", seed " + seed);
      }
    }
  }

  private float[][] run(
      Backend on, TinyModel model, PlanOptions options, List<int[]> sequences, int chunk) {
    return Batches.run(on, model.graph(), model.weights(), options, sequences, chunk, seed + chunk);
  }

  @Test
  void showsEveryValueToTheObserver() {
    TinyModel model = TinyModel.make(seed, DType.F32);
    List<String> seen = new ArrayList<>();
    ValueObserver observer =
        (node, rows, data) -> {
          assertTrue(data.length >= rows * node.output().orElseThrow().width());
          seen.add(node.qualifiedName());
        };
    PlanOptions options = Batches.options(DType.F32, 8, observer);
    run(backend, model, options, List.of(new int[] {1, 2, 3}), 3);
    List<String> all =
        model.graph().nodes().stream()
            .filter(node -> node.output().isPresent())
            .map(Node::qualifiedName)
            .toList();
    assertEquals(all, seen);
  }

  @Test
  void computesNoLogitsWhereNoneAreWanted() {
    TinyModel model = TinyModel.make(seed, DType.F32);
    int[] tokens = {5, 6, 7, 8};
    PlanOptions options = Batches.options(DType.F32, 8, ValueObserver.NONE);
    float[][] expected = run(backend, model, options, List.of(tokens), 4);
    try (Plan plan = backend.compile(model.graph(), model.weights(), options)) {
      StepInput input = new StepInput();
      input.beginSequence(new int[] {0}, 1);
      for (int p = 0; p < 3; p++) {
        input.addToken(tokens[p], p, false);
      }
      plan.step(input);
      input.clear();
      input.beginSequence(new int[] {0}, 1);
      input.addToken(tokens[3], 3, true);
      float[] last = Arrays.copyOf(plan.step(input), TinyModel.VOCABULARY);
      int from = 3 * TinyModel.VOCABULARY;
      float[] row = Arrays.copyOfRange(expected[0], from, from + TinyModel.VOCABULARY);
      Errors.assertClose(last, row, limit(), "seed " + seed);
    }
  }

  @Test
  void refusesInputsBeyondItsLimitsAndGoesOnWorking() {
    TinyModel model = TinyModel.make(seed, DType.F32);
    PlanOptions options = Batches.options(DType.F32, 8, ValueObserver.NONE);
    try (Plan plan = backend.compile(model.graph(), model.weights(), options)) {
      refuses(plan, new int[] {0}, TinyModel.VOCABULARY, 0);
      refuses(plan, new int[] {0}, -1, 0);
      refuses(plan, new int[] {0}, 1, 8);
      refuses(plan, new int[] {0}, 1, -1);
      refuses(plan, new int[] {options.kvBlocks()}, 1, 0);
      refuses(plan, new int[] {-1}, 1, 0);
      StepInput good = new StepInput();
      good.beginSequence(new int[] {0}, 1);
      good.addToken(1, 0, true);
      assertTrue(Float.isFinite(plan.step(good)[0]));
    }
  }

  private static void refuses(Plan plan, int[] blocks, int token, int position) {
    StepInput input = new StepInput();
    input.beginSequence(blocks, blocks.length);
    input.addToken(token, position, true);
    assertThrows(BackendException.class, () -> plan.step(input));
  }

  @Test
  void choosesTokensAsTheDefinitionsDo() {
    Random random = new Random(seed);
    SamplingCase cases = new SamplingCase(random);
    PlanOptions options = Batches.options(DType.F32, 8, ValueObserver.NONE);
    try (Plan plan = backend.compile(cases.graph(), cases.weights(), options)) {
      Assumptions.assumeTrue(plan.sampling().isPresent(), "chooses no tokens itself");
      for (int round = 0; round < 20; round++) {
        cases.check(plan.sampling().get(), 1 + random.nextInt(8), round == 0, "seed " + seed);
      }
    }
  }

  @Test
  void choosesNothingWhereNoLogitIsOfUse() {
    SamplingCase cases = new SamplingCase(new Random(seed));
    PlanOptions options = Batches.options(DType.F32, 8, ValueObserver.NONE);
    try (Plan plan = backend.compile(cases.graph(), cases.weights(), options)) {
      Assumptions.assumeTrue(plan.sampling().isPresent(), "chooses no tokens itself");
      cases.checkUseless(plan.sampling().get());
    }
  }

  @Test
  void refusesToStepOnceClosed() {
    TinyModel model = TinyModel.make(seed, DType.F32);
    PlanOptions options = Batches.options(DType.F32, 8, ValueObserver.NONE);
    Plan plan = backend.compile(model.graph(), model.weights(), options);
    plan.close();
    plan.close();
    StepInput input = new StepInput();
    input.beginSequence(new int[] {0}, 1);
    input.addToken(1, 0, true);
    assertThrows(BackendException.class, () -> plan.step(input));
  }

  @Test
  void namesTheMissingMemory() {
    TinyModel model = TinyModel.make(seed, DType.F32);
    PlanOptions few = Batches.options(DType.F32, 1024, ValueObserver.NONE);
    PlanOptions many =
        new PlanOptions(
            few.maxTokens(),
            few.maxSequences(),
            few.maxOutputs(),
            1_000_000_000,
            few.kvBlockTokens(),
            few.kvType(),
            few.observer(),
            few.progress());
    BackendException refusal =
        assertThrows(
            BackendException.class,
            () -> backend.compile(model.graph(), model.weights(), many).close());
    assertTrue(refusal.getMessage().contains("missing"), refusal.getMessage());
  }
}
