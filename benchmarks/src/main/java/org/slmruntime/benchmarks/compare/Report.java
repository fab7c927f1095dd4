package org.slmruntime.benchmarks.compare;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slmruntime.json.Json;

/**
 * All cells measured on a machine on a day.
 *
 * @param facts about the machine and the programs, in order
 */
record Report(Map<String, String> facts, List<CellResult> cells) {
  static final String SLM = "slm";
  static final String SLM_256 = "slm 256-bit";
  static final String LLAMA_CPP = "llama.cpp";
  static final String LLAMA3_JAVA = "llama3.java";
  private static final List<String> COLUMNS =
      List.of(
          "format",
          "cell",
          "slm",
          "llama.cpp",
          "slm / llama.cpp",
          "in the rounds",
          "llama3.java",
          "slm / llama3.java",
          "slm 256-bit",
          "256-bit / slm",
          "commit");

  /** With a cell added, which takes the place of an earlier measurement of it. */
  Report with(CellResult cell) {
    List<CellResult> all = new ArrayList<>(cells);
    all.removeIf(cell::replaces);
    all.add(cell);
    return new Report(facts, List.copyOf(all));
  }

  String json() {
    Map<String, Object> json = new LinkedHashMap<>(facts);
    json.put("cells", cells.stream().map(CellResult::asJson).toList());
    return Json.write(json) + "\n";
  }

  /** The cells that a report's JSON has. */
  static List<CellResult> cellsOf(String json) {
    return Json.asArray(Json.parseObject(json).get("cells"), "cells").stream()
        .map(CellResult::fromJson)
        .toList();
  }

  String markdown() {
    StringBuilder page = new StringBuilder("# slm beside other programs\n\n");
    facts.forEach(
        (name, value) -> page.append("- ").append(name).append(": ").append(value).append('\n'));
    page.append("\nTokens per second, medians of several rounds in turns.\n");
    cells.stream()
        .flatMapToDouble(cell -> cell.ratio(SLM_256, SLM).stream())
        .min()
        .ifPresent(
            least ->
                page.append("With 256-bit vectors slm reaches at least ")
                    .append(String.format(Locale.ROOT, "%.2f", least))
                    .append(" of its speed.\n"));
    Map<String, List<CellResult>> tables =
        cells.stream()
            .collect(
                Collectors.groupingBy(
                    cell -> cell.model() + ", " + cell.threads() + " threads",
                    LinkedHashMap::new,
                    Collectors.toList()));
    tables.forEach(
        (title, rows) -> page.append("\n## ").append(title).append("\n\n").append(table(rows)));
    return page.toString();
  }

  /** Columns in which nothing was measured are left out. */
  static String table(List<CellResult> cells) {
    List<List<String>> rows = cells.stream().map(Report::row).toList();
    List<Integer> used = new ArrayList<>();
    for (int i = 0; i < COLUMNS.size(); i++) {
      int column = i;
      if (rows.stream().anyMatch(row -> !row.get(column).isEmpty())) {
        used.add(column);
      }
    }
    StringBuilder table = new StringBuilder(line(used.stream().map(COLUMNS::get)));
    table.append(line(used.stream().map(_ -> "---")));
    rows.forEach(row -> table.append(line(used.stream().map(row::get))));
    return table.toString();
  }

  private static List<String> row(CellResult cell) {
    return List.of(
        cell.format(),
        cell.cell(),
        text("%.1f", cell.median(SLM)),
        text("%.1f", cell.median(LLAMA_CPP)),
        text("%.2f", cell.ratio(SLM, LLAMA_CPP)),
        range(cell.ratios(SLM, LLAMA_CPP)),
        text("%.1f", cell.median(LLAMA3_JAVA)),
        text("%.2f", cell.ratio(SLM, LLAMA3_JAVA)),
        text("%.1f", cell.median(SLM_256)),
        text("%.2f", cell.ratio(SLM_256, SLM)),
        cell.commit());
  }

  private static String text(String format, OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, format, value.getAsDouble()) : "";
  }

  private static String range(DoubleSummaryStatistics ratios) {
    return ratios.getCount() == 0
        ? ""
        : String.format(Locale.ROOT, "%.2f to %.2f", ratios.getMin(), ratios.getMax());
  }

  private static String line(Stream<String> cells) {
    return cells.collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
