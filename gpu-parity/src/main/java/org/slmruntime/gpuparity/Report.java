package org.slmruntime.gpuparity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slmruntime.json.Json;

/** All sections as one page for people and one file for programs. */
final class Report {
  private Report() {}

  /** Writes {@code report.md} and {@code report.json} from the sections' files in a folder. */
  static boolean write(Path folder, List<String> names) {
    List<SectionResult> sections =
        names.stream()
            .map(name -> SectionResult.file(folder, name))
            .filter(Files::exists)
            .map(SectionResult::read)
            .toList();
    Map<String, Object> json = new LinkedHashMap<>();
    boolean passed = sections.stream().allMatch(SectionResult::passed);
    json.put("passed", passed);
    json.put("sections", sections.stream().map(SectionResult::asJson).toList());
    try {
      Files.writeString(folder.resolve("report.json"), Json.write(json) + "\n");
      Files.writeString(folder.resolve("report.md"), markdown(sections));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return passed;
  }

  static String markdown(List<SectionResult> sections) {
    StringBuilder page = new StringBuilder("# GPU parity\n\n| section | | |\n|---|---|---|\n");
    for (SectionResult section : sections) {
      String result = section.passed() ? "passed" : "**failed**";
      page.append(line(Stream.of(section.name(), result, section.summary())));
    }
    for (SectionResult section : sections) {
      if (!section.rows().isEmpty()) {
        page.append("\n## ").append(section.name()).append("\n\n").append(table(section.rows()));
      }
    }
    return page.toString();
  }

  private static String table(List<Map<String, Object>> rows) {
    Map<String, Object> first = rows.getFirst();
    StringBuilder table = new StringBuilder(line(first.keySet().stream()));
    table.append(line(first.keySet().stream().map(_ -> "---")));
    rows.forEach(row -> table.append(line(row.values().stream())));
    return table.toString();
  }

  /** A row of a table; a cell is one line and has no bar. */
  private static String line(Stream<?> cells) {
    return cells
        .map(cell -> String.valueOf(cell).replace("|", "\\|").replaceAll("\\s+", " "))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
