package org.slmruntime.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.format.npy.NpyFile;
import org.slmruntime.json.Json;
import org.slmruntime.tensor.DType;
import org.slmruntime.testing.SharedData;

/** Logits of tiny models of the families we build beside llama.cpp's (shared/fixtures). */
class ModelFixturesTest {
  private static final Set<String> FAMILIES = Set.of("llama", "qwen2", "qwen3");

  /** A GGUF file, what it must give, and how nearly. */
  record Fixture(Path folder, String file, String logits, double tolerance) {
    @Override
    public String toString() {
      return folder.getFileName() + "/" + file;
    }
  }

  /** One absent fixture where there are none, so that the test is skipped with its reason. */
  static List<Fixture> fixtures() throws IOException {
    Path root = SharedData.find("fixtures").orElse(null);
    if (root == null) {
      return List.of(new Fixture(Path.of("absent"), "model.gguf", "", 0));
    }
    List<Fixture> fixtures = new ArrayList<>();
    try (Stream<Path> folders = Files.list(root)) {
      for (Path folder : folders.sorted().toList()) {
        if (Files.exists(folder.resolve("fixture.json"))) {
          addFixtures(folder, fixtures);
        }
      }
    }
    return fixtures;
  }

  private static void addFixtures(Path folder, List<Fixture> fixtures) throws IOException {
    Map<String, Object> json = Json.parseObject(Files.readString(folder.resolve("fixture.json")));
    if (!FAMILIES.contains(String.valueOf(json.get("gguf_architecture"))) || mixture(folder)) {
      return;
    }
    Json.asObject(json.get("expect"), "expect")
        .forEach(
            (file, expect) -> {
              if (file.endsWith(".gguf")) {
                Map<String, Object> e = Json.asObject(expect, file);
                double limit = ((Number) e.get("max_abs_diff")).doubleValue();
                fixtures.add(new Fixture(folder, file, (String) e.get("file"), limit));
              }
            });
  }

  /** Mixtures of experts have the architecture of Llama but are not built yet. */
  private static boolean mixture(Path folder) {
    return folder.endsWith("mixtral");
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void givesTheRecordedLogitsInOnePieceInChunksAndTokenByToken(Fixture fixture) throws IOException {
    SharedData.require("fixtures");
    NpyFile wanted = NpyFile.read(fixture.folder.resolve(fixture.logits));
    int[] tokens =
        Json.asArray(Json.parse(Files.readString(fixture.folder.resolve("tokens.json"))), "tokens")
            .stream()
            .mapToInt(id -> ((Long) id).intValue())
            .toArray();
    ModelOptions options =
        ModelOptions.defaults()
            .backend("reference")
            .kvType(DType.F32)
            .contextLength(256)
            .maxOutputs(256)
            .notice(_ -> {});
    try (ModelRunner runner = ModelRunner.open(fixture.folder.resolve(fixture.file), options)) {
      for (int chunk : new int[] {tokens.length, 7, 1}) {
        check(runner, tokens, chunk, wanted, fixture);
      }
    }
  }

  private static void check(
      ModelRunner runner, int[] tokens, int chunk, NpyFile wanted, Fixture fixture) {
    int vocabulary = runner.model().vocabulary();
    assertEquals(List.of(tokens.length, vocabulary), shape(wanted));
    double[] expected = wanted.values();
    double[] largest = new double[1];
    int[] rows = new int[1];
    try (ModelRunner.Sequence sequence = runner.newSequence()) {
      runner.forwardAll(
          sequence,
          tokens,
          chunk,
          (position, logits, offset) -> {
            assertEquals(rows[0]++, position);
            for (int i = 0; i < vocabulary; i++) {
              double error = Math.abs(logits[offset + i] - expected[position * vocabulary + i]);
              largest[0] = error > largest[0] || Double.isNaN(error) ? error : largest[0];
            }
          });
    }
    assertEquals(tokens.length, rows[0]);
    assertTrue(
        largest[0] <= fixture.tolerance,
        fixture + " in chunks of " + chunk + " is off by " + largest[0]);
  }

  private static List<Integer> shape(NpyFile file) {
    List<Integer> shape = new ArrayList<>();
    for (int size : file.shape()) {
      shape.add(size);
    }
    return shape;
  }
}
