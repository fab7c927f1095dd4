package org.slmruntime.gpuparity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slmruntime.json.Json;
import org.slmruntime.tensor.DType;

/** Speed of whole models of known shapes with random weights, by {@code slm bench}. */
final class ModelBench {
  /** A shape in a format. */
  record Model(ModelShape shape, DType type) {}

  static final List<Model> ALL =
      List.of(
          new Model(ModelShape.ONE, DType.Q4_0),
          new Model(ModelShape.ONE, DType.Q8_0),
          new Model(ModelShape.ONE, DType.BF16),
          new Model(ModelShape.HALF, DType.Q8_0),
          new Model(ModelShape.HALF, DType.Q4_0),
          new Model(ModelShape.EIGHT, DType.Q4_0),
          new Model(ModelShape.EIGHT, DType.Q4_K),
          new Model(ModelShape.EIGHT, DType.Q8_0));

  private final Path folder;
  private final String backend;
  private final List<Map<String, Object>> rows = new ArrayList<>();
  private int failures;

  /**
   * @param folder where files are written and deleted again
   */
  ModelBench(Path folder, String backend) {
    this.folder = folder;
    this.backend = backend;
  }

  SectionResult run(List<Model> models, int prompt, int tokens) {
    for (Model model : models) {
      Path file = folder.resolve("random.gguf");
      try {
        model.shape.write(file, model.type);
        measure(model, file, prompt, tokens, 1, 0);
        measure(model, file, 0, tokens, 8, 0);
        measure(model, file, 0, tokens, 1, 8 * prompt);
      } catch (RuntimeException e) {
        row(model, "", "", "", "failed: " + e);
      } finally {
        delete(file);
      }
      // What was found so far stays if the time for all is too short.
      SectionResult.unfinished("models", told(), rows).write(folder);
    }
    return new SectionResult("models", failures == 0, told(), rows);
  }

  private String told() {
    return rows.size() + " runs on " + backend + ", " + failures + " failed";
  }

  private void measure(Model model, Path file, int prompt, int tokens, int batch, int depth) {
    SlmProcess run =
        SlmProcess.run(
            folder,
            "bench",
            file.toString(),
            "--backend=" + backend,
            "--json",
            "-p" + prompt,
            "-n" + tokens,
            "-b" + batch,
            "--depth=" + depth);
    String what = "p " + prompt + ", n " + tokens + ", b " + batch + ", depth " + depth;
    if (run.code() != 0) {
      row(model, what, "", "", "failed: " + run.err());
      return;
    }
    Map<String, Object> found = Json.parseObject(run.out());
    row(
        model,
        what,
        speed(found, "prefill_tokens_per_second"),
        speed(found, "decode_tokens_per_second"),
        found.get("backend").toString());
  }

  private static String speed(Map<String, Object> found, String key) {
    double value = ((Number) found.get(key)).doubleValue();
    return value == 0 ? "" : String.format(Locale.ROOT, "%.1f", value);
  }

  private void row(Model model, String what, String prefill, String decode, String told) {
    failures += told.startsWith("failed") ? 1 : 0;
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("model", model.shape.name() + " " + model.type);
    row.put("run", what);
    row.put("prefill tok/s", prefill);
    row.put("decode tok/s", decode);
    row.put("backend", told);
    rows.add(row);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
