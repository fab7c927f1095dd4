package org.slmruntime.gpuparity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Small whole models, activation by activation against the reference, by {@code slm parity}. */
final class ModelParity {
  private ModelParity() {}

  /**
   * @param models folder with GGUF files
   * @param backend that is held against the reference
   */
  static SectionResult run(Path models, Path folder, String backend) {
    List<Map<String, Object>> rows = new ArrayList<>();
    int failures = 0;
    for (Path model : files(models)) {
      SlmProcess run =
          SlmProcess.run(
              folder, "parity", model.toString(), "--backends=reference," + backend, "-q");
      failures += run.code() == 0 ? 0 : 1;
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("model", model.getFileName().toString());
      row.put("passed", run.code() == 0);
      row.put("found", String.join("; ", (run.out() + run.err()).strip().split("\n", -1)));
      rows.add(row);
    }
    String told = rows.size() + " models on " + backend + ", " + failures + " failed";
    return new SectionResult("parity", failures == 0 && !rows.isEmpty(), told, rows);
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".gguf")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
