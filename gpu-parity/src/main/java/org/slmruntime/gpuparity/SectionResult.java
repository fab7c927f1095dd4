package org.slmruntime.gpuparity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.json.Json;

/**
 * What a section of the run found.
 *
 * @param summary one line
 * @param rows of a table; each has the same keys in the same order
 */
record SectionResult(String name, boolean passed, String summary, List<Map<String, Object>> rows) {
  SectionResult {
    rows = List.copyOf(rows);
  }

  static SectionResult failed(String name, String summary) {
    return new SectionResult(name, false, summary, List.of());
  }

  /** What a section that takes long has found so far; written over once it is done. */
  static SectionResult unfinished(String name, String summary, List<Map<String, Object>> rows) {
    return new SectionResult(name, false, "cut off after " + summary, rows);
  }

  /** The file of a section in the run's folder. */
  static Path file(Path folder, String name) {
    return folder.resolve(name + ".json");
  }

  Map<String, Object> asJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("section", name);
    json.put("passed", passed);
    json.put("summary", summary);
    json.put("rows", rows);
    return json;
  }

  void write(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.writeString(file(folder, name), Json.write(asJson()) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static SectionResult read(Path file) {
    try {
      Map<String, Object> json = Json.parseObject(Files.readString(file));
      return new SectionResult(
          Json.asString(json.get("section"), "section"),
          Boolean.TRUE.equals(json.get("passed")),
          Json.asString(json.get("summary"), "summary"),
          Json.asArray(json.get("rows"), "rows").stream()
              .map(row -> Json.asObject(row, "row"))
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
