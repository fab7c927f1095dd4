package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.json.Json;

/** {@code slm finetune} on a model with random weights. */
class FinetuneCommandTest {
  private static final String ROW = "{\"prompt\": \"hello\", \"completion\": \" world\"}";

  @TempDir static Path folder;
  private static Path model;
  private static Path rows;

  @BeforeAll
  static void writeModelAndRows() throws IOException {
    assumeTrue(Vectors.PRESENT, "no Vector API in this run");
    model = TinyModel.write(folder);
    rows = Files.write(folder.resolve("rows.jsonl"), Collections.nCopies(20, ROW));
  }

  private static Outcome finetune(Path out, Object... args) {
    return finetuneOn(rows, out, args);
  }

  private static Outcome finetuneOn(Path data, Path out, Object... args) {
    Object[] fixed = {"finetune", model, "--data", data, "--out", out};
    return Outcome.of(Stream.of(fixed, args).flatMap(Arrays::stream).toArray());
  }

  private static void refuses(String part, Object... args) {
    finetune(folder.resolve("refused"), args).failedWith(2, part);
    assertFalse(Files.exists(folder.resolve("refused")));
  }

  @Test
  void trainsAnAdapterAndSaysHowItWent() throws IOException {
    Path out = folder.resolve("adapter");
    Outcome run = finetune(out, "--steps", 16, "--lr", 0.01, "--json").succeeded();
    Map<String, Object> report = Json.parseObject(run.out());
    double first = ((Number) report.get("first_validation_loss")).doubleValue();
    double last = ((Number) report.get("validation_loss")).doubleValue();
    assertTrue(last < first / 2, run::toString);
    assertEquals(16L, report.get("steps"));
    assertTrue(run.err().contains("18 examples (144 tokens) to learn from, 2 "), run::toString);
    assertTrue(run.err().contains(" of memory beside the model's file"), run::toString);
    assertTrue(run.err().contains("step 16 of 16: loss "), run::toString);
    assertEquals(18, Files.readAllLines(out.resolve("loss.csv")).size());
    assertTrue(Files.readString(out.resolve("loss.svg")).startsWith("<svg "));
    finetune(out, "--steps", 1).failedWith(2, out + " has an adapter; --force replaces it");
    finetune(out, "--steps", 1, "--force").succeeded();
    assertEquals(3, Files.readAllLines(out.resolve("loss.csv")).size());
  }

  @Test
  void namesAllBadRowsAndWritesNothing() throws IOException {
    Path bad = Files.write(folder.resolve("bad.jsonl"), List.of("{}", ROW, "[", ""));
    Path out = folder.resolve("nothing");
    Outcome run = finetuneOn(bad, out);
    assertEquals(1, run.code(), run::toString);
    List<String> lines = run.err().lines().toList();
    assertEquals(3, lines.size(), run::toString);
    assertTrue(lines.get(0).startsWith("slm: " + bad + ", line 1: must have "), run::toString);
    assertTrue(lines.get(1).startsWith("slm: " + bad + ", line 3: JSON"), run::toString);
    assertEquals(
        "slm: " + bad + ": 2 rows cannot be learned from; nothing was written", lines.get(2));
    assertFalse(Files.exists(out));
  }

  @Test
  void saysWhatWasCut() throws IOException {
    String longRow = "{\"text\": \"" + "hello ".repeat(60) + "\"}";
    Path data = Files.write(folder.resolve("long.jsonl"), List.of(longRow, ROW, ROW));
    Outcome run = finetuneOn(data, folder.resolve("cut"), "--steps", 1, "-c", 16).succeeded();
    assertTrue(run.err().contains("1 of 3 examples are longer than --ctx 16"), run::toString);
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void leavesACheckpointWhenItIsInterrupted() throws Exception {
    Path out = folder.resolve("interrupted");
    String[] args = {
      "finetune",
      model.toString(),
      "--data",
      rows.toString(),
      "--out",
      out.toString(),
      "--steps",
      "1000000",
      "--eval-every",
      "1000000"
    };
    SlmProcess run =
        SlmProcess.start(folder, List.of("--add-modules", "jdk.incubator.vector"), args);
    try {
      while (run.process().isAlive() && !run.errors().contains("step 0 of")) {
        Thread.sleep(20);
      }
    } finally {
      // What the system sends for it ends the JVM as Ctrl-C does.
      run.process().destroy();
    }
    Outcome end = run.outcome();
    assertEquals(Interrupt.EXIT_CODE, end.code(), end::toString);
    assertTrue(end.err().contains("interrupted; the same command with --resume"), end::toString);
    assertEquals("", end.out());
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(
          List.of("checkpoint.safetensors", "loss.csv", "loss.svg"),
          files
              .map(f -> f.getFileName().toString())
              .filter(f -> !f.equals(".lock"))
              .sorted()
              .toList());
    }
    finetune(out).failedWith(2, "an unfinished training (--resume goes on with it)");
    Outcome other = finetune(out, "--resume", "--steps", 7);
    assertEquals(1, other.code(), other::toString);
    assertTrue(other.err().contains("was begun with schedule "), other::toString);
  }

  @Test
  void refusesWhatMakesNoSense() {
    refuses("--batch 3 cannot be divided", "--batch", 3, "--accumulate", 2);
    refuses("--epochs and --steps", "--epochs", 1, "--steps", 1);
    refuses("--epochs must be above 0", "--epochs", 0);
    refuses("--steps must be at least 1", "--steps", 0);
    refuses("'x' is no target; they are all or of q,k,v,o,gate,up,down", "--targets", "q,x");
    refuses("the rank must be in 1..4096", "--rank", 0);
    refuses("dropout must be", "--dropout", 1);
    refuses("--ctx must be in 2..64", "-c", 65);
    refuses("--resume: there is no checkpoint", "--resume");
    refuses("--validation-share goes without", "--validation", rows, "--validation-share", 0.1);
    refuses("'x' is not a number", "--lr", "x");
    refuses("--threads must be", "-t", -1);
  }
}
