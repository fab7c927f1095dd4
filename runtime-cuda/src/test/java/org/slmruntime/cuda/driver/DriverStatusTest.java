package org.slmruntime.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DriverStatusTest {
  private final DriverStatus status = new DriverStatus(code -> "ERROR_" + code);

  @Test
  void zeroIsSuccess() {
    assertDoesNotThrow(() -> status.check("cuInit", 0));
    assertDoesNotThrow(status::ready);
  }

  @Test
  void saysWhatFailedHowAndWhatToDo() {
    GpuException e = assertThrows(GpuException.class, () -> status.check("cuInit", 803));
    assertEquals(
        "cuInit: ERROR_803 (803): restart the machine or install the driver again", e.getMessage());
    assertEquals(803, e.code());
    assertEquals(
        "cuMemAlloc: ERROR_1 (1), 7 bytes",
        status.failure("cuMemAlloc", "7 bytes", 1).getMessage());
  }

  @Test
  void goesOnAfterOrdinaryFailures() {
    assertThrows(GpuException.class, () -> status.check("cuMemAlloc", 2));
    assertThrows(GpuException.class, () -> status.check("cuStreamEndCapture", 901));
    assertThrows(GpuException.class, () -> status.check("cuLaunchKernel", 701));
    assertFalse(status.isLost());
    assertDoesNotThrow(status::ready);
  }

  @Test
  void remembersWhatLostTheContext() {
    assertThrows(GpuException.class, () -> status.check("cuStreamSynchronize", 700));
    assertThrows(GpuException.class, () -> status.check("cuMemAlloc", 719));
    assertTrue(status.isLost());
    GpuException e = assertThrows(GpuException.class, status::ready);
    assertTrue(
        e.getMessage().startsWith("the GPU's context was lost by cuStreamSynchronize: ERROR_700"),
        e.getMessage());
    assertEquals(700, e.code());
  }

  /** The list is cuda.h's, which says of these codes that the process must be relaunched. */
  @Test
  void theCodesThatLoseTheContextAreThoseOfCudasHeader() {
    int[] sticky =
        IntStream.range(0, 1000).filter(code -> new GpuException("", code).isSticky()).toArray();
    assertEquals(
        "214 226 700 702 710 714 715 716 717 718 719 721 810 911",
        String.join(" ", IntStream.of(sticky).mapToObj(Integer::toString).toList()));
  }
}
