package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.format.npy.NpyFile;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Weight;
import org.slmruntime.json.Json;
import org.slmruntime.lora.LoraTarget;
import org.slmruntime.lora.LowRank;
import org.slmruntime.lora.PeftWriter;
import org.slmruntime.model.Models;

/** {@code --lora} of the commands that open a model, and {@code slm merge}. */
class AdapterOptionsTest {
  private static final long SEED = Long.getLong("slm.test.seed", System.nanoTime());

  @TempDir static Path folder;
  private static Path model;
  private static Path adapter;

  @BeforeAll
  static void writeModelAndAdapter() {
    model = TinyModel.write(folder);
    adapter = folder.resolve("a=b");
    Random random = new Random(SEED);
    try (GgufFile file = GgufFile.open(model)) {
      Graph graph = Models.build(file).graph();
      List<LoraTarget> targets = LoraTarget.find(graph, List.of(LoraTarget.ALL_LINEAR));
      Map<Weight, float[]> values = new LinkedHashMap<>();
      for (LoraTarget target : targets) {
        LowRank change = target.change(2, 1);
        for (Weight half : List.of(change.a(), change.b())) {
          float[] numbers = new float[(int) half.elements()];
          for (int i = 0; i < numbers.length; i++) {
            numbers[i] = 0.3f * (float) random.nextGaussian();
          }
          values.put(half, numbers);
        }
      }
      PeftWriter.Settings settings =
          new PeftWriter.Settings("tiny", 2, 2, false, List.of(LoraTarget.ALL_LINEAR));
      new PeftWriter(graph, settings).write(adapter, targets, values);
    }
  }

  private static double[] logits(Path of, Object... more) {
    Path out = folder.resolve("logits.npy");
    Object[] words = {"logits", of, "--ids", "1,270,5,9", "--out", out, "--kv-type", "f32"};
    Object[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    Outcome.of(all).succeeded();
    return NpyFile.read(out).values();
  }

  @Test
  void mergesToTheLogitsThatTheAdapterGives() {
    Path merged = folder.resolve("merged.gguf");
    String half = adapter + "=0.5";
    Outcome.of("merge", model, "--lora", half, "-o", merged).succeeded();
    double[] added = logits(model, "--lora", half);
    assertArrayEquals(logits(merged), added, 1e-3, "seed " + SEED);
    double[] more = logits(model, "--lora", half, "--lora", half);
    assertArrayEquals(logits(model, "--lora", adapter), more, 1e-3, "seed " + SEED);
    assertFalse(Arrays.equals(logits(model), added), "seed " + SEED);
  }

  @Test
  void agreesOnBothBackends() {
    Object[] words = {"parity", model, "--ids", "1,270,5", "--kv-type", "f32", "--lora", adapter};
    String out = Outcome.of(words).succeeded().out();
    assertTrue(out.contains("76 of 76 activations"), out);
  }

  @Test
  void evaluatesTheAdapterAgainstTheModelWithoutIt() throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), "a cat and a dog sat on a mat");
    Outcome plain = evaluation(text);
    assertEquals(0, number(plain, "kl_mean"), 1e-9);
    Outcome adapted = evaluation(text, "--lora", adapter);
    assertTrue(number(adapted, "kl_mean") > 1e-4, adapted::toString);
    Object named = Json.parseObject(adapted.out()).get("adapters");
    assertEquals(List.of(adapter + "=1.0"), named);
  }

  private static Outcome evaluation(Path text, Object... more) {
    Object[] words = {"eval", model, "--text", text, "--reference", model, "--json"};
    Object[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return Outcome.of(all).succeeded();
  }

  private static double number(Outcome outcome, String key) {
    return ((Number) Json.parseObject(outcome.out()).get(key)).doubleValue();
  }

  @Test
  void countsTheAdapterInTheMemoryNeeded() {
    long added = needed("--lora", adapter) - needed();
    assertTrue(added > 0, added + " bytes");
  }

  private static long needed(Object... more) {
    Object[] words = {"inspect", model, "--json", "--backend", "reference"};
    Object[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    Map<String, Object> json = Json.parseObject(Outcome.of(all).succeeded().out());
    List<Object> rows = Json.asArray(json.get("memory"), "memory");
    Map<String, Object> first = Json.asObject(rows.getFirst(), "row");
    return ((Number) first.get("total")).longValue();
  }

  @Test
  void saysWhatIsWrongWithAnAdapterOrItsScale() {
    Outcome.of("run", model, "-p", "a", "--lora", folder.resolve("absent"))
        .failedWith(1, "absent: no such file");
    Outcome.of("run", model, "-p", "a", "--lora", adapter + "=x")
        .failedWith(2, "'x' is not the scale of an adapter, as in PATH=0.5");
    Outcome.of("run", model, "-p", "a", "--lora", adapter + "=NaN").failedWith(2, "'NaN'");
    Outcome.of("run", model, "-p", "a", "--lora", "=1").failedWith(2, "'' is not the path");
  }

  @Test
  void refusesToMergeOverTheModelOrIntoATypeThatCannotBeWritten() {
    Outcome.of("merge", model, "--lora", adapter, "-o", model).failedWith(1, "is the model itself");
    Outcome.of("merge", model, "--lora", adapter, "-o", folder.resolve("x.gguf"), "--type", "iq1_s")
        .failedWith(2, "'iq1_s' is not a type that can be written, like f16 or q8_0");
    Outcome.of("merge", model, "-o", folder.resolve("x.gguf")).failedWith(2, "--lora");
    assertFalse(Files.exists(folder.resolve("x.gguf")));
  }
}
