package org.slmruntime.gpuparity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.cuda.testing.InterpretedDriver;

class MicrobenchmarksTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  @Test
  void everyMeasurementRuns() {
    try (InterpretedDriver driver = new InterpretedDriver(DeviceOptions.fast(seed))) {
      SectionResult result = Microbenchmarks.run(driver, Sizes.tiny());
      assertTrue(result.passed(), () -> Report.markdown(List.of(result)));
      assertTrue(driver.isEmpty(), "something was not given back");
      assertTrue(result.rows().stream().anyMatch(row -> row.get("kernel").equals("cuBLAS bf16")));
    }
  }

  @Test
  void goesOnWithoutALibraryForProducts() {
    DeviceOptions options = DeviceOptions.fast(seed).withoutGemm();
    try (InterpretedDriver driver = new InterpretedDriver(options)) {
      driver.failAllocation(1);
      SectionResult result = Microbenchmarks.run(driver, Sizes.tiny());
      List<Map<String, Object>> failed =
          result.rows().stream().filter(r -> r.get("shape").toString().contains("failed")).toList();
      assertEquals(1, failed.size(), () -> Report.markdown(List.of(result)));
      assertEquals("copy", failed.getFirst().get("kernel"));
    }
  }

  @Test
  void computesRatesFromBytesOperationsAndMicroseconds() {
    Measurement measured = new Measurement("k", "s", 2, 8e6, 4e9);
    assertEquals(4000, measured.gigabytesPerSecond(), 1e-9);
    assertEquals(2000, measured.teraflops(), 1e-9);
    Map<String, Object> row = measured.row(8000);
    assertEquals("50 %", row.get("of copy"));
    assertEquals("2.00", row.get("us"));
    assertEquals("", new Measurement("k", "s", 2, 0, 0).row(8000).get("of copy"));
  }
}
