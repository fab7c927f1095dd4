package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PretrainCommandTest {
  private static final Object[] TINY = {
    "--width",
    32,
    "--layers",
    1,
    "--heads",
    2,
    "--kv-heads",
    1,
    "--feed-forward",
    64,
    "--vocabulary",
    400
  };

  @TempDir Path folder;

  @BeforeEach
  void needVectors() {
    assumeTrue(Vectors.PRESENT, "no Vector API in this run");
  }

  private Path out() {
    return folder.resolve("out");
  }

  private Outcome pretrain(Object... args) {
    Object[] fixed = {"pretrain", "--out", out()};
    return Outcome.of(Stream.of(fixed, TINY, args).flatMap(Arrays::stream).toArray());
  }

  @Test
  void makesAModelThatRuns() throws IOException {
    Outcome run =
        pretrain("--stories", 60, "--steps", 4, "--batch", 4, "--eval-every", 2).succeeded();
    Path model = out().resolve("model.gguf");
    assertEquals(model + System.lineSeparator(), run.out());
    assertTrue(run.err().contains("step 2 of 4: loss "), run::toString);
    assertTrue(
        Files.readString(out().resolve("loss.csv")).lines().count() == 6, "0 to 4, and head");
    Outcome.of("run", model, "-p", "Once", "-n", 3, "--backend", "cpu").succeeded();
    Path chat =
        Files.writeString(
            folder.resolve("chat.json"), "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
    Outcome prompt = Outcome.of("template", model, "--messages", chat).succeeded();
    assertTrue(
        prompt.out().contains("<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"),
        prompt::toString);
  }

  @Test
  void aSeedMakesTheSameModelAgain() throws IOException {
    Object[] args = {"--stories", 20, "--steps", 2, "--batch", 2, "-q"};
    assertEquals("", pretrain(args).succeeded().err());
    byte[] first = Files.readAllBytes(out().resolve("model.gguf"));
    Object[] again = Stream.concat(Stream.of(args), Stream.of("--force", "-t", 1)).toArray();
    pretrain(again).succeeded();
    assertArrayEquals(first, Files.readAllBytes(out().resolve("model.gguf")));
  }

  @Test
  void replacesNothingUnasked() {
    Object[] args = {"--stories", 20, "--steps", 1, "--batch", 2, "-q"};
    pretrain(args).succeeded();
    pretrain(args).failedWith(2, "has a model", "--force");
    pretrain("--stories", 20, "--resume").failedWith(2, "no checkpoint");
  }

  @ParameterizedTest
  @CsvSource({
    "--stories 0,1..100000000",
    "'',--stories N or --text FILE",
    "--stories 5 --text x,--stories N or --text FILE",
    "--stories 5 --ctx 0,context",
    "--stories 5 --batch 3 --accumulate 2,--accumulate",
    "--stories 5 --lr -1,no learning rate",
    "--stories 5 --save-every 0,0 steps apart",
    "--text nothing.txt,nothing.txt"
  })
  void refusesWhatMakesNoSense(String args, String part) {
    Object[] words = args.isEmpty() ? new Object[0] : args.split(" ", -1);
    Outcome run = pretrain(words);
    assertTrue(run.code() == 1 || run.code() == 2, run::toString);
    run.failedWith(run.code(), part);
    assertTrue(Files.notExists(out().resolve("model.gguf")));
  }
}
