package org.slmruntime.gpuparity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ConformanceRunTest {
  /** Not found by the build: it is no test of ours. */
  static class GpuSuite {
    @Test
    void passes() {}

    @Test
    void fails() {
      throw new AssertionError("a | reason");
    }

    @Test
    void skips() {
      Assumptions.abort("no data");
    }
  }

  static class GpuGoodSuite {
    @Test
    void passes() {}
  }

  static class GpuEmptySuite {}

  @Test
  void keepsWhatDidNotPassWithItsReason() {
    SectionResult result = ConformanceRun.of("suite", GpuSuite.class);
    assertFalse(result.passed());
    assertEquals("1 tests passed, 1 failed, 1 were skipped", result.summary());
    assertEquals(2, result.rows().size());
    String told = Report.markdown(List.of(result));
    assertTrue(told.contains("a \\| reason") && told.contains("no data"), told);
  }

  @Test
  void passesWhenEveryTestDid() {
    assertTrue(ConformanceRun.of("suite", GpuGoodSuite.class).passed());
  }

  @Test
  void doesNotPassWithoutATest() {
    assertFalse(ConformanceRun.of("suite", GpuEmptySuite.class).passed());
  }
}
