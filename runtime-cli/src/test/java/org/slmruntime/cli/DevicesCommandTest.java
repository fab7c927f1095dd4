package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slmruntime.json.Json;

class DevicesCommandTest {
  @Test
  void listsEveryBackendInOrderOfPreference() {
    Outcome run = Outcome.of("devices", "--json").succeeded();
    List<Map<String, Object>> rows =
        Json.asArray(Json.parse(run.out()), "rows").stream()
            .map(row -> Json.asObject(row, "row"))
            .toList();
    assertEquals(
        List.of("cuda", "cpu", "reference"), rows.stream().map(r -> r.get("backend")).toList());
    for (Map<String, Object> row : rows) {
      String told = Boolean.TRUE.equals(row.get("available")) ? "device" : "reason";
      assertFalse(row.get(told).toString().isBlank(), row::toString);
    }
    assertEquals(true, rows.getLast().get("available"));
  }

  @Test
  void saysWhatAutoChooses() {
    Outcome run = Outcome.of("devices").succeeded();
    assertTrue(run.out().contains("cuda: no: "), run::toString);
    String best = Vectors.PRESENT ? "cpu" : "reference";
    assertTrue(run.out().contains("auto chooses " + best + " unless"), run::toString);
    String reason = "cpu: no: the Java option --add-modules jdk.incubator.vector is missing";
    assertEquals(!Vectors.PRESENT, run.out().contains(reason), run::toString);
  }
}
