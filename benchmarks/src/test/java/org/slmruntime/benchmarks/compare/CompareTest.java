package org.slmruntime.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.benchmarks.models.Mix;
import org.slmruntime.benchmarks.models.ModelFolder.Model;
import org.slmruntime.benchmarks.models.Shape;

class CompareTest {
  private static final Cell PREFILL = Cell.named("prefill");
  private static final Cell DECODE = Cell.named("decode");

  @TempDir Path folder;

  private static CompareOptions parse(String arguments) {
    return CompareOptions.parse(List.of(arguments.split(" ")), 2);
  }

  @Test
  void comparesEverythingUnlessToldOtherwise() {
    CompareOptions all = CompareOptions.parse(List.of(), 3);
    assertEquals(12, all.models().size());
    assertEquals(Cell.ALL, all.cells());
    assertEquals(5, all.rounds());
    assertEquals(1, all.processes());
    assertEquals(3, all.threads());
    CompareOptions some =
        parse(
            "--model llama-3.2-1b --format q4_0,f16 --cell depth --rounds 1 --processes 2 --threads 4"
                + " --widths");
    assertEquals(
        List.of(new Model(Shape.LLAMA_1B, Mix.Q4_0), new Model(Shape.LLAMA_1B, Mix.F16)),
        some.models());
    assertEquals(List.of(Cell.named("depth")), some.cells());
    assertEquals(1, some.rounds());
    assertEquals(2, some.processes());
    assertEquals(4, some.threads());
    assertTrue(some.widths());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--model gpt-5",
        "--format q9",
        "--cell speed",
        "--rounds 0",
        "--processes 0",
        "--threads x",
        "--rounds",
        "--nonsense 1",
        "decode"
      })
  void refusesArgumentsThatItDoesNotKnow(String arguments) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    assertEquals(2, Compare.run(List.of(arguments.split(" ")), stream, stream));
    String told = err.toString(StandardCharsets.UTF_8);
    assertTrue(told.contains("Usage"), told);
  }

  @Test
  void readsWhatLlama3JavaPrints() {
    String printed =
        "xx\ncontext: 640/32768 prompt: 18.25 tokens/s (522) generation: 5.31 tokens/s (118)\n";
    assertEquals(18.25, Llama3JavaContestant.speed(printed, PREFILL));
    assertEquals(5.31, Llama3JavaContestant.speed(printed, DECODE));
    assertThrows(BenchmarkException.class, () -> Llama3JavaContestant.speed("oops", DECODE));
  }

  @Test
  void llama3JavaEntersOnlyWhatItCanDo() {
    Contestant contestant = new Llama3JavaContestant(Path.of("llama3.jar"), 2);
    assertTrue(contestant.enters(new Model(Shape.LLAMA_1B, Mix.Q4_0), DECODE));
    Model mixed = new Model(Shape.LLAMA_1B, Mix.Q4_K_M);
    Model qwen = new Model(Shape.named("qwen2.5-0.5b"), Mix.Q4_0);
    assertFalse(contestant.enters(mixed, DECODE));
    assertFalse(contestant.enters(qwen, DECODE));
    assertFalse(contestant.enters(new Model(Shape.LLAMA_1B, Mix.Q4_0), Cell.named("batch")));
  }

  /** A contestant that keeps a diary. */
  private static Contestant scripted(String name, double speed, List<String> diary) {
    return new Contestant() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Ready prepare(Path file, Cell cell) {
        if (speed <= 0) {
          throw new BenchmarkException(name + " cannot");
        }
        diary.add(name + " gets ready");
        return new Ready() {
          @Override
          public double measure() {
            diary.add(name + " runs");
            return speed;
          }

          @Override
          public void close() {
            diary.add(name + " ends");
          }
        };
      }
    };
  }

  @Test
  void allGetReadyBeforeTheyAreMeasuredInTurns() {
    List<String> diary = new ArrayList<>();
    List<Contestant> both = List.of(scripted("a", 2, diary), scripted("b", 3, diary));
    try (Heat heat = new Heat(both, Path.of("m.gguf"), DECODE)) {
      assertEquals(Map.of("a", 2.0, "b", 3.0), heat.round());
      heat.round();
    }
    assertEquals(
        "a gets ready, b gets ready, a runs, b runs, a runs, b runs, a ends, b ends",
        String.join(", ", diary));
  }

  @Test
  void whoIsReadyEndsWhenAnotherCannotBe() {
    List<String> diary = new ArrayList<>();
    List<Contestant> both = List.of(scripted("a", 2, diary), scripted("b", 0, diary));
    assertThrows(BenchmarkException.class, () -> new Heat(both, Path.of("m.gguf"), DECODE));
    assertEquals(List.of("a gets ready", "a ends"), diary);
  }

  @Test
  void tellsTheLastWordsOfAProgramThatFails() {
    List<String> command = List.of("sh", "-c", "echo first; echo \"$WORD\" >&2; exit 3");
    String message =
        assertThrows(
                BenchmarkException.class,
                () -> ProcessRun.of(command, Map.of("WORD", "the reason"), folder))
            .getMessage();
    assertTrue(message.contains("failed with 3") && message.contains("the reason"), message);
    String absent =
        assertThrows(
                BenchmarkException.class,
                () -> ProcessRun.of(List.of("no-such-program"), Map.of(), folder))
            .getMessage();
    assertTrue(absent.contains("no-such-program"), absent);
  }

  @Test
  void saysWhyLlamaCppCannotBeLoaded() {
    String message =
        assertThrows(
                BenchmarkException.class,
                () -> LlamaLibrary.open(folder, folder.resolve("m.gguf"), 1, 8, 1))
            .getMessage();
    assertTrue(message.contains("libggml"), message);
  }
}
