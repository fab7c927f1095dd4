package org.slmruntime.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slmruntime.benchmarks.BenchmarkException;

class BenchProcessTest {
  private static final Cell PREFILL = Cell.named("prefill");
  private static final Cell DECODE = Cell.named("decode");
  private static final Duration ENOUGH = Duration.ofMinutes(5);
  private static final String READY = "echo '{\"ready\": true}'; ";

  private static BenchProcess start(String script, Cell cell, Duration limit) {
    return BenchProcess.start("peer", new ProcessBuilder("sh", "-c", script), cell, limit);
  }

  private static List<Long> children() {
    return ProcessHandle.current().descendants().map(ProcessHandle::pid).toList();
  }

  @Test
  void everyLineGivesAFigureOfItsCell() {
    String script =
        READY
            + "n=0; while read -r line; do n=$((n + 1));"
            + " echo \"{\\\"prefill_tokens_per_second\\\": $n.5}\"; done";
    try (BenchProcess bench = start(script, PREFILL, ENOUGH)) {
      assertEquals(1.5, bench.measure());
      assertEquals(2.5, bench.measure());
    }
    try (BenchProcess bench = start(script, DECODE, ENOUGH)) {
      String message = assertThrows(BenchmarkException.class, bench::measure).getMessage();
      assertTrue(message.contains("decode_tokens_per_second"), message);
    }
    assertEquals(List.of(), children());
  }

  @ParameterizedTest
  @CsvSource({
    "echo loading; sleep 600, peer printed \"loading\"",
    "echo '{}'; sleep 600, peer is not ready but printed \"{}\"",
    "echo first >&2; echo the reason >&2; exit 3, peer ended with 3: first / the reason",
    "exec >&-; exec sleep 600, peer fell silent",
    "sleep 600, peer has not answered for 1 s"
  })
  void tellsWhyABenchDoesNotGetReadyAndEndsIt(String script, String expected) {
    Duration limit =
        expected.contains("not answered") || expected.contains("silent")
            ? Duration.ofSeconds(1)
            : ENOUGH;
    String message =
        assertThrows(BenchmarkException.class, () -> start(script, DECODE, limit)).getMessage();
    assertTrue(message.contains(expected), message);
    assertEquals(List.of(), children());
  }

  @Test
  void tellsTheLastWordsOfABenchThatDies() {
    String script = READY + "read -r line; echo out of luck >&2; kill -KILL $$";
    try (BenchProcess bench = start(script, DECODE, ENOUGH)) {
      for (int i = 0; i < 2; i++) {
        String message = assertThrows(BenchmarkException.class, bench::measure).getMessage();
        assertTrue(message.contains("peer ended with 137: out of luck"), message);
      }
    }
  }

  @Test
  void saysWhichBenchCannotBeStarted() {
    ProcessBuilder absent = new ProcessBuilder("no-such-program");
    String message =
        assertThrows(
                BenchmarkException.class, () -> BenchProcess.start("peer", absent, DECODE, ENOUGH))
            .getMessage();
    assertTrue(message.contains("peer") && message.contains("no-such-program"), message);
  }

  /** What {@link #nothingOutlivesAProcessThatIsEnded} ends. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] args) throws IOException, InterruptedException {
      Process child = ChildProcess.start(new ProcessBuilder("sleep", "600")).process();
      System.out.println(child.pid());
      System.out.flush();
      child.waitFor();
    }
  }

  @Test
  void nothingOutlivesAProcessThatIsEnded() throws IOException, InterruptedException {
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long child = Long.parseLong(parent.inputReader(StandardCharsets.UTF_8).readLine());
    assertTrue(ProcessHandle.of(child).isPresent());
    // As Ctrl-C does.
    parent.destroy();
    parent.waitFor();
    assertFalse(ProcessHandle.of(child).map(ProcessHandle::isAlive).orElse(false));
  }
}
