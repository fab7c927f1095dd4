package org.slmruntime.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.natives.Machine;

class ReportTest {
  @TempDir Path folder;

  private static CellResult cell(String commit, Map<String, List<Double>> speeds) {
    return new CellResult("llama-3.2-1b", "Q4_0", "decode 128", commit, 2, speeds);
  }

  private static final CellResult CELL =
      cell(
          "abc1234",
          Map.of(
              Report.SLM, List.of(44.0, 30.0, 45.0, 43.0, 70.0),
              Report.LLAMA_CPP, List.of(40.0, 50.0),
              Report.SLM_256, List.of(33.0)));

  @Test
  void theMiddleOfTheRoundsCounts() {
    assertEquals(OptionalDouble.of(44), CELL.median(Report.SLM));
    assertEquals(OptionalDouble.of(45), CELL.median(Report.LLAMA_CPP));
    assertEquals(OptionalDouble.empty(), CELL.median(Report.LLAMA3_JAVA));
    assertEquals(44.0 / 45, CELL.ratio(Report.SLM, Report.LLAMA_CPP).orElseThrow());
    assertEquals(OptionalDouble.empty(), CELL.ratio(Report.SLM, Report.LLAMA3_JAVA));
  }

  @Test
  void printsSpeedsAndRatiosOfWhatWasMeasured() {
    assertEquals(
        """
        | format | cell | slm | llama.cpp | slm / llama.cpp | in the rounds | slm 256-bit | 256-bit / slm | commit |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- |
        | Q4_0 | decode 128 | 44.0 | 45.0 | 0.98 | 0.60 to 1.10 | 33.0 | 0.75 | abc1234 |
        """,
        Report.table(List.of(CELL)));
  }

  @Test
  void saysHowFarNarrowVectorsFallBehindAtMost() {
    CellResult slower =
        new CellResult(
            "llama-3.2-1b",
            "F16",
            "decode 128",
            "abc1234",
            2,
            Map.of(Report.SLM, List.of(10.0), Report.SLM_256, List.of(4.5)));
    String page = new Report(Map.of(), List.of(CELL, slower)).markdown();
    assertTrue(
        page.contains("With 256-bit vectors slm reaches at least 0.45 of its speed.\n"), page);
    String without = new Report(Map.of(), List.of(cell("abc1234", Map.of()))).markdown();
    assertFalse(without.contains("256-bit"), without);
  }

  @Test
  void runsOfADayShareAFile() throws IOException {
    Machine machine = new Machine("AMD EPYC(tm) 9B45", 2, 1L << 34);
    ReportFiles files = new ReportFiles(folder, LocalDate.of(2026, 11, 26), machine);
    Map<String, String> facts = Map.of("processor", "AMD EPYC");
    files.write(files.read(facts).with(CELL));
    CellResult prefill =
        new CellResult(
            "llama-3.2-1b", "Q4_0", "prefill 512", "abc1234", 2, Map.of("slm", List.of(1.5)));
    files.write(files.read(facts).with(prefill));
    CellResult again = cell("def5678", Map.of(Report.SLM, List.of(60.0)));
    files.write(files.read(facts).with(again));
    assertEquals(List.of(prefill, again), files.read(facts).cells());
    String page = Files.readString(folder.resolve("2026-11-26-amd-epyc-tm-9b45-2-cores.md"));
    assertTrue(page.contains("- processor: AMD EPYC\n"), page);
    assertTrue(page.contains("## llama-3.2-1b, 2 threads\n"), page);
    assertTrue(page.contains("| Q4_0 | decode 128 | 60.0 | def5678 |"), page);
  }

  @Test
  void anotherNumberOfThreadsIsAnotherMeasurement() {
    CellResult one =
        new CellResult("llama-3.2-1b", "Q4_0", "decode 128", "abc1234", 1, CELL.speeds());
    assertFalse(one.replaces(CELL));
    Report both = new Report(Map.of(), List.of(CELL)).with(one);
    assertEquals(List.of(CELL, one), both.cells());
  }

  @Test
  void refusesAFileThatIsNoReport() throws IOException {
    Machine machine = new Machine("x", 1, 1);
    ReportFiles files = new ReportFiles(folder, LocalDate.of(2026, 11, 26), machine);
    Files.writeString(folder.resolve("2026-11-26-x-1-cores.json"), "{\"cells\": [7]}");
    String message =
        assertThrows(BenchmarkException.class, () -> files.read(Map.of())).getMessage();
    assertTrue(message.contains("2026-11-26-x-1-cores.json"), message);
  }
}
