package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that was started without the Vector API: never silently slow. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WithoutVectorsTest {
  private static final String REASON =
      "the Java option --add-modules jdk.incubator.vector is missing";

  @TempDir Path folder;

  @Test
  void fallsToTheReferenceBackendAndSaysSoInOneLine() throws Exception {
    Path model = TinyModel.write(folder);
    Outcome run = slm("run", model.toString(), "-p", "hello", "-n", "8", "--temp", "0");
    String expected =
        Outcome.of("run", model, "-p", "hello", "-n", 8, "--temp", 0, "--backend", "reference")
            .out();
    assertEquals(expected, run.succeeded().out());
    List<String> lines = run.err().lines().toList();
    assertEquals(2, lines.size(), run::toString);
    assertTrue(lines.getFirst().startsWith("slm: backend reference ("), run::toString);
    assertTrue(lines.getFirst().contains("; not cpu: " + REASON), run::toString);
  }

  @Test
  void refusesTheCpuBackendWithTheReason() throws Exception {
    Path model = TinyModel.write(folder);
    slm("run", model.toString(), "-p", "hello", "--backend", "cpu")
        .failedWith(1, "backend cpu cannot be used: " + REASON);
  }

  @Test
  void refusesToTrainWithTheReason() throws Exception {
    Path model = TinyModel.write(folder);
    slm("finetune", model.toString(), "--data", "rows.jsonl", "--out", "adapter")
        .failedWith(1, "cannot train here: " + REASON);
  }

  private Outcome slm(String... args) throws IOException, InterruptedException {
    return SlmProcess.start(folder, List.of(), args).outcome();
  }
}
