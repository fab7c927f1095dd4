package org.slmruntime.testkit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.slmruntime.backend.Backends;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.engine.Generation;
import org.slmruntime.engine.LanguageModel;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.format.npy.NpyFile;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.json.Json;
import org.slmruntime.lora.ScaledAdapter;
import org.slmruntime.sampling.Sampling;
import org.slmruntime.sampling.TokenChoice;
import org.slmruntime.tensor.DType;

/** Recorded answers of llama.cpp and Hugging Face; skipped where {@code shared/} is not at hand. */
public abstract class SharedFixtureConformance {
  /** Logits that rounded activations may put in either order; they spread over tens. */
  private static final float NEAR_TIE = 0.01f;

  private static final Set<String> ARCHITECTURES = Set.of("llama", "qwen2", "qwen3");

  /** Experts are a later family's. */
  private static final Set<String> OTHER_FAMILIES = Set.of("mixtral");

  /** The backend under test. */
  protected abstract String backend();

  /** Relative RMS error allowed for a product, whose inputs a backend may round. */
  protected double productLimit() {
    return 1e-5;
  }

  /** Whether products with a format round activations to 8 bits, as llama.cpp does. */
  protected boolean roundsActivations(DType type) {
    return false;
  }

  /** Most tokens of a story that are told, for backends that take their time. */
  protected int storyTokens() {
    return Integer.MAX_VALUE;
  }

  private ModelOptions quiet() {
    return ModelOptions.defaults().backend(backend()).notice(_ -> {});
  }

  private ModelOptions options() {
    return quiet().kvType(DType.F32);
  }

  @TestFactory
  Stream<DynamicTest> agreesWithTheTinyModels() throws IOException {
    Path fixtures = SharedData.require("fixtures");
    return list(fixtures)
        .filter(folder -> Files.exists(folder.resolve("fixture.json")))
        .filter(folder -> supported(json(folder.resolve("fixture.json"))))
        .flatMap(SharedFixtureConformance::expectations)
        .map(e -> dynamicTest(e.name(), () -> agrees(e)));
  }

  private static boolean supported(Map<?, ?> fixture) {
    return ARCHITECTURES.contains(String.valueOf(fixture.get("gguf_architecture")))
        && !OTHER_FAMILIES.contains(String.valueOf(fixture.get("family")));
  }

  private record Expectation(Path model, Path tokens, Path logits, double limit) {
    String name() {
      return model.getParent().getFileName() + "/" + model.getFileName();
    }
  }

  private static Stream<Expectation> expectations(Path folder) {
    Map<?, ?> expect = (Map<?, ?>) json(folder.resolve("fixture.json")).get("expect");
    return expect.entrySet().stream()
        .filter(e -> String.valueOf(e.getKey()).endsWith(".gguf"))
        .map(
            e -> {
              Map<?, ?> answer = (Map<?, ?>) e.getValue();
              return new Expectation(
                  folder.resolve(String.valueOf(e.getKey())),
                  folder.resolve("tokens.json"),
                  folder.resolve(String.valueOf(answer.get("file"))),
                  ((Number) answer.get("max_abs_diff")).doubleValue());
            });
  }

  private void agrees(Expectation e) {
    int[] tokens = ids(e.tokens());
    float[] expected = floats(e.logits());
    for (int chunk : new int[] {tokens.length, 7, 1}) {
      double error = Errors.max(logits(e.model(), options(), tokens, chunk), expected);
      assertTrue(error <= e.limit(), "chunks of " + chunk + ": error " + error + " > " + e.limit());
    }
  }

  @TestFactory
  Stream<DynamicTest> agreesWithTheQuantizedModels() {
    Path folder = SharedData.require("fixtures/quant-models");
    int[] tokens = ids(folder.resolve("tokens.json"));
    return Stream.of(
            "f16", "bf16", "q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_k", "q3_k_m", "q4_k_s",
            "q4_k_m", "q5_k_m", "q6_k", "iq4_nl", "iq4_xs")
        .map(
            name ->
                dynamicTest(
                    name,
                    () -> {
                      float[] expected = floats(folder.resolve(name + ".exact.npy"));
                      Path model = folder.resolve(name + ".gguf");
                      float[] actual = logits(model, options(), tokens, 16);
                      Errors.assertClose(actual, expected, modelLimit(folder, name), name);
                    }));
  }

  @TestFactory
  Stream<DynamicTest> agreesWithTheAdapters() {
    Path folder = SharedData.require("fixtures/lora");
    return json(folder.resolve("manifest.json")).keySet().stream()
        .flatMap(
            name ->
                Stream.of("", ".gguf")
                    .map(form -> dynamicTest(name + form, () -> agrees(folder, "" + name, form))));
  }

  /**
   * @param form what is added to an adapter's name for its file
   */
  private void agrees(Path folder, String name, String form) {
    Map<?, ?> entry = (Map<?, ?>) json(folder.resolve("manifest.json")).get(name);
    List<ScaledAdapter> adapters =
        ((List<?>) entry.get("adapters"))
            .stream()
                .map(adapter -> (Map<?, ?>) adapter)
                .map(
                    adapter ->
                        new ScaledAdapter(
                            folder.resolve(adapter.get("name") + form),
                            (float) number(adapter.get("scale"))))
                .toList();
    int[] tokens = ids(folder.resolve("tokens.json"));
    float[] actual = logits(folder.resolve("base.gguf"), options().adapters(adapters), tokens, 16);
    Errors.assertClose(actual, floats(folder.resolve(name + ".logits.npy")), 1e-4, name);
  }

  /** Where activations are rounded, about as far from exact as llama.cpp is. */
  private double modelLimit(Path folder, String name) {
    Map<?, ?> about = (Map<?, ?>) json(folder.resolve("manifest.json")).get(name);
    boolean rounds =
        ((Map<?, ?>) about.get("tensor_types"))
            .keySet().stream()
                .anyMatch(type -> roundsActivations(DType.valueOf(String.valueOf(type))));
    return rounds ? 1.25 * number(about.get("relative_rms_llamacpp_vs_exact")) : 1e-4;
  }

  private static double number(Object json) {
    return ((Number) json).doubleValue();
  }

  @TestFactory
  Stream<DynamicTest> multipliesWithGgmlsBlocks() {
    Path folder = SharedData.require("fixtures/quant-dot");
    return BackendConformance.FORMATS.stream()
        .filter(type -> Files.exists(folder.resolve(type + ".bin")))
        .map(type -> dynamicTest(type.toString(), () -> multiplies(folder, type)));
  }

  /** The recorded vectors become rows of an embedding table, so that a step can multiply them. */
  private void multiplies(Path folder, DType type) throws IOException {
    NpyFile x = NpyFile.read(folder.resolve("x.npy"));
    NpyFile y = NpyFile.read(folder.resolve(type + ".y.npy"));
    int vectors = x.shape()[0];
    int columns = x.shape()[1];
    int rows = y.shape()[1];
    Weight table = Weight.matrix("x", vectors, columns);
    Weight matrix = Weight.matrix("w", rows, columns);
    byte[] stored = Files.readAllBytes(folder.resolve(type + ".bin"));
    Map<Weight, Weights.Stored> tensors =
        Map.of(
            table, new Weights.Stored(DType.F32, MemorySegment.ofArray(floats(x))),
            matrix, new Weights.Stored(type, MemorySegment.ofArray(stored)));
    GraphBuilder graph = new GraphBuilder("quant-dot");
    Value product = graph.linear("y", graph.embed("x", table), matrix, Weight.none());
    Graph built = graph.build(graph.gatherRows("rows", product));
    int[] tokens = IntStream.range(0, vectors).toArray();
    PlanOptions options = Batches.options(DType.F32, 8, ValueObserver.NONE);
    Backends.Choice choice =
        Backends.choose(backend(), BackendOptions.defaults(), _ -> Optional.empty());
    try (Backend backend = choice.backend()) {
      for (int chunk : new int[] {1, vectors}) {
        float[][] actual =
            Batches.run(backend, built, tensors::get, options, List.of(tokens), chunk, 0);
        for (int v = 0; v < vectors; v++) {
          float[] row = Arrays.copyOfRange(actual[0], v * rows, (v + 1) * rows);
          float[] expected = Arrays.copyOfRange(floats(y), v * rows, (v + 1) * rows);
          double limit = roundsActivations(type) ? ggmlsError(folder, type, v) : productLimit();
          Errors.assertClose(row, expected, limit, "vector " + v + " in chunks of " + chunk);
        }
      }
    }
  }

  /** The relative RMS error that ggml's rounding of activations makes, and a quarter. */
  private static double ggmlsError(Path folder, DType type, int vector) {
    Map<?, ?> types = (Map<?, ?>) json(folder.resolve("manifest.json")).get("types");
    List<?> errors = (List<?>) ((Map<?, ?>) types.get(type.name())).get("relative_error_act8");
    return 1.25 * number(errors.get(vector));
  }

  @Test
  void agreesWithTheLogitsOfStories() {
    Path models = SharedData.require("models");
    int[] tokens = ids(models.resolve("stories260K.logits.ids.json"));
    float[] expected = floats(models.resolve("stories260K.logits.npy"));
    for (int chunk : new int[] {tokens.length, 5, 1}) {
      float[] actual = logits(models.resolve("stories260K.gguf"), options(), tokens, chunk);
      double error = Errors.max(actual, expected);
      assertTrue(error <= 1e-3, "chunks of " + chunk + ": error " + error);
    }
  }

  @TestFactory
  Stream<DynamicTest> tellsTheRecordedStories() {
    Path models = SharedData.require("models");
    return Stream.of("stories260K", "stories260K-q8_0", "stories260K-q4_0")
        .map(name -> dynamicTest(name, () -> tellsTheStoriesOf(models, name)));
  }

  /**
   * llama.cpp rounds activations where weights are quantized, so those stories may part from its
   * own, but only where two logits nearly tie.
   */
  private void tellsTheStoriesOf(Path models, String name) {
    Map<?, ?> stories = (Map<?, ?>) json(models.resolve("greedy.json")).get(name);
    for (Map.Entry<?, ?> entry : stories.entrySet()) {
      Map<?, ?> story = (Map<?, ?>) entry.getValue();
      int[] expected = ids(story.get("greedy_ids"));
      boolean exact = name.equals("stories260K");
      int count = Math.min(exact ? expected.length : 40, storyTokens());
      String prompt = String.valueOf(entry.getKey());
      Path file = models.resolve(name + ".gguf");
      int[] told = story(file, prompt, count);
      int parting = Arrays.mismatch(told, Arrays.copyOf(expected, count));
      if (parting >= 0) {
        assertFalse(exact, prompt + ": token " + parting);
        int[] common =
            IntStream.concat(
                    Arrays.stream(ids(story.get("prompt_ids"))),
                    Arrays.stream(expected).limit(parting))
                .toArray();
        float[] logits = lastLogits(file, common);
        float gap = logits[told[parting]] - logits[expected[parting]];
        assertTrue(gap < NEAR_TIE, prompt + ": token " + parting + " parts by " + gap);
      }
    }
  }

  private float[] lastLogits(Path file, int[] tokens) {
    float[] all = logits(file, options(), tokens, tokens.length);
    return Arrays.copyOfRange(all, all.length - all.length / tokens.length, all.length);
  }

  private int[] story(Path file, String prompt, int count) {
    try (LanguageModel model = LanguageModel.open(file, quiet());
        Generation generation = model.generate(prompt, Sampling.greedy().maxTokens(count))) {
      return generation.result().choices().stream().mapToInt(TokenChoice::token).toArray();
    }
  }

  /** Logits after every token, from a fresh model, in steps of {@code chunk}. */
  private static float[] logits(Path file, ModelOptions options, int[] tokens, int chunk) {
    try (ModelRunner runner = ModelRunner.open(file, options);
        ModelRunner.Sequence sequence = runner.newSequence()) {
      int width = runner.model().vocabulary();
      float[] all = new float[tokens.length * width];
      runner.forwardAll(
          sequence,
          tokens,
          chunk,
          (position, logits, offset) ->
              System.arraycopy(logits, offset, all, position * width, width));
      return all;
    }
  }

  private static int[] ids(Path file) {
    return ids(Json.parse(read(file)));
  }

  private static int[] ids(Object list) {
    return ((List<?>) list).stream().mapToInt(id -> ((Number) id).intValue()).toArray();
  }

  private static Map<?, ?> json(Path file) {
    return Json.parseObject(read(file));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static float[] floats(Path npy) {
    return floats(NpyFile.read(npy));
  }

  private static float[] floats(NpyFile npy) {
    double[] values = npy.values();
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static Stream<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList().stream();
    }
  }
}
