package org.slmruntime.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.natives.Machine;

/**
 * A report's two files, for people and for programs. Runs of one day on one machine share them, and
 * each adds its cells.
 */
final class ReportFiles {
  private final Path folder;
  private final String name;

  ReportFiles(Path folder, LocalDate date, Machine machine) {
    this.folder = folder;
    this.name = date + "-" + slug(machine);
  }

  static ReportFiles ofToday(Path folder) {
    return new ReportFiles(folder, LocalDate.now(ZoneOffset.UTC), Machine.probe());
  }

  private static String slug(Machine machine) {
    String name = machine.processor() + " " + machine.cores() + " cores";
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
  }

  /** A report with these facts and the cells that are there already. */
  Report read(Map<String, String> facts) {
    Path file = folder.resolve(name + ".json");
    if (!Files.exists(file)) {
      return new Report(facts, List.of());
    }
    try {
      return new Report(facts, Report.cellsOf(Files.readString(file)));
    } catch (IOException | RuntimeException e) {
      throw new BenchmarkException(file + ": is no report: " + e.getMessage(), e);
    }
  }

  /** Writes both files. */
  void write(Report report) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(name + ".json"), report.json());
      Files.writeString(folder.resolve(name + ".md"), report.markdown());
    } catch (IOException e) {
      throw new BenchmarkException(folder + ": cannot be written: " + e, e);
    }
  }

  @Override
  public String toString() {
    return folder.resolve(name) + ".md";
  }
}
