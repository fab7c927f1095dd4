package org.slmruntime.benchmarks.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.benchmarks.kernels.Work.Bound;

class KernelsTest {
  private static final Peaks PEAKS = new Peaks(2, 512, 40, 500);

  private static KernelResult result(Bound bound, double allocated, double rate) {
    Work work = new Work(30_000_000, 400_000_000, bound);
    return new KernelResult("linear Q4_0 1", work, 0.001, allocated, rate);
  }

  @Test
  void tellsTheShareOfWhatLimitsAKernel() {
    String table =
        KernelResult.table(
            List.of(result(Bound.MEMORY, 7, 0), result(Bound.ARITHMETIC, 7, 0)), PEAKS);
    assertTrue(table.contains("read at 40.0 GB/s, multiply-adds run at 500 GFLOP/s"), table);
    assertTrue(table.contains("| linear Q4_0 1 | 1.00 ms | 30.0 | 400.0 | 75 % | 7 B |"), table);
    assertTrue(table.contains("| linear Q4_0 1 | 1.00 ms | 30.0 | 400.0 | 80 % | 7 B |"), table);
  }

  @Test
  void doesNotMistakeTheMeasuringForAllocation() {
    // A slow kernel beside JMH's own few kilobytes a second, and a fast one.
    assertFalse(result(Bound.MEMORY, 4000, 0.02).allocates());
    assertFalse(result(Bound.MEMORY, 24, 0.6).allocates());
    // Boxed vectors, and a fresh array per step.
    assertTrue(result(Bound.MEMORY, 50_000_000, 3000).allocates());
    assertTrue(result(Bound.MEMORY, 4112, 4).allocates());
  }

  @Test
  void theBetterOfTwoMeasurementsCounts() {
    Peaks other = new Peaks(2, 512, 38, 510);
    assertEquals(new Peaks(2, 512, 40, 510), PEAKS.better(other));
  }

  @Test
  void measuresWhatTheMachineCanDo() {
    Peaks peaks = Peaks.measure(2);
    assertTrue(
        peaks.readGigabytes() > 0 && Double.isFinite(peaks.readGigabytes()), peaks::toString);
    assertTrue(peaks.gigaflops() > 0 && Double.isFinite(peaks.gigaflops()), peaks::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--threads 0", "--threads", "--nonsense", "-p format", "linear other"})
  void refusesArgumentsThatItDoesNotKnow(String arguments) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    assertEquals(2, Kernels.run(List.of(arguments.split(" ")), stream, stream));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("Usage"), err::toString);
  }
}
