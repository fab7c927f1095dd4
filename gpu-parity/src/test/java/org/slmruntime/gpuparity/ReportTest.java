package org.slmruntime.gpuparity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.json.Json;

class ReportTest {
  @TempDir Path folder;

  @Test
  void putsTheSectionsInOrderAndLeavesOutWhatDidNotRun() throws IOException {
    List<Map<String, Object>> rows = List.of(Map.of("kernel", "a|b\nc"));
    new SectionResult("second", true, "good", rows).write(folder);
    SectionResult.failed("first", "lost").write(folder);
    assertFalse(Report.write(folder, List.of("first", "absent", "second")));
    assertEquals(
        """
        # GPU parity

        | section | | |
        |---|---|---|
        | first | **failed** | lost |
        | second | passed | good |

        ## second

        | kernel |
        | --- |
        | a\\|b c |
        """,
        Files.readString(folder.resolve("report.md")));
    Map<String, Object> json = Json.parseObject(Files.readString(folder.resolve("report.json")));
    assertEquals(false, json.get("passed"));
    assertEquals(2, Json.asArray(json.get("sections"), "sections").size());
  }

  @Test
  void passesWhenAllSectionsDid() {
    new SectionResult("one", true, "good", List.of()).write(folder);
    assertTrue(Report.write(folder, List.of("one")));
  }

  @Test
  void readsWhatItWrote() {
    SectionResult written = new SectionResult("s", true, "t", List.of(Map.of("k", "v", "n", 1L)));
    written.write(folder);
    assertEquals(written, SectionResult.read(SectionResult.file(folder, "s")));
  }
}
