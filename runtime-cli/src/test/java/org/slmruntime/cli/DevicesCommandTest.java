package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slmruntime.backend.Backends;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;
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
    String best = Cuda.reason().isEmpty() ? "cuda" : Vectors.PRESENT ? "cpu" : "reference";
    assertTrue(run.out().contains("auto chooses " + best + " unless"), run::toString);
    String reason = "cpu: no: the Java option --add-modules jdk.incubator.vector is missing";
    assertEquals(!Vectors.PRESENT, run.out().contains(reason), run::toString);
  }

  @Test
  void saysWhatCudaLacksAndWhatItFound() {
    Outcome run = Outcome.of("devices").succeeded();
    Cuda.reason()
        .ifPresent(why -> assertTrue(run.out().contains("cuda: no: " + why + "\n"), run::toString));
    assertTrue(run.out().contains("\n    cudart: "), run::toString);
    assertTrue(run.out().contains("\n    cublas: "), run::toString);
  }

  @Test
  void showsDetailsOfABackendWhetherItCanBeUsedOrNot() {
    Map<String, String> details = Map.of("device 0", "Old GPU;\n cannot be used");
    String found = report(new Availability.Available("Two GPUs", 3L << 30, Map.of()), details);
    assertEquals(
        """
        fake: Two GPUs
            memory: 3.0 GiB
            device 0: Old GPU; cannot be used
        auto chooses fake unless the model does not fit it
        """,
        found);
    String missing = report(new Availability.Unavailable("no GPU"), details);
    assertEquals("fake: no: no GPU\n    device 0: Old GPU; cannot be used\n", missing);
  }

  private static String report(Availability availability, Map<String, String> details) {
    BackendProvider provider =
        new BackendProvider() {
          @Override
          public String id() {
            return "fake";
          }

          @Override
          public int priority() {
            return 1;
          }

          @Override
          public Availability probe() {
            return availability;
          }

          @Override
          public Map<String, String> details() {
            return details;
          }

          @Override
          public Backend open(BackendOptions options) {
            throw new BackendException("it is not opened");
          }
        };
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    DevicesCommand.report(List.of(new Backends.Probe(provider, availability)), false, out);
    return text.toString();
  }
}
