package org.slmruntime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.format.FormatException;
import org.slmruntime.sampling.Sampling;
import org.slmruntime.testing.TinyLlama;

/** Opening, closing and failing, and what they leave behind. */
@Timeout(60)
class ModelLifecycleTest {
  private static final int[] PROMPT = {1, 10, 40, 7, 22};

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() {
    file = new TinyLlama(7).write(folder);
  }

  private static ModelOptions options() {
    return ModelOptions.defaults().backend("reference").notice(_ -> {});
  }

  private static Sampling greedy(int tokens) {
    return Sampling.greedy().ignoreEnd(true).maxTokens(tokens);
  }

  private static boolean isMapped(Path path) throws IOException {
    Path maps = Path.of("/proc/self/maps");
    Assumptions.assumeTrue(Files.isReadable(maps), "needs /proc");
    return Files.readString(maps).contains(path.toAbsolutePath().toString());
  }

  private static boolean stepThreadRuns() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("slm-steps"));
  }

  @Test
  void leavesNeitherThreadNorMapping() throws IOException {
    try (LanguageModel model = LanguageModel.open(file, options())) {
      assertTrue(isMapped(file));
      assertTrue(stepThreadRuns());
      model.generate(PROMPT, greedy(1000));
    }
    assertFalse(isMapped(file));
    assertFalse(stepThreadRuns());
  }

  @Test
  void leavesNoMappingWhereOpeningFails() throws IOException {
    assertThrows(
        RuntimeException.class,
        () ->
            LanguageModel.open(
                file,
                options()
                    .notice(
                        _ -> {
                          throw new IllegalStateException("not interested");
                        })));
    assertFalse(isMapped(file));
    Path noModel = new TinyLlama(7).remove("output_norm.weight").write(folder);
    assertThrows(RuntimeException.class, () -> LanguageModel.open(noModel, options()));
    assertFalse(isMapped(noModel));
  }

  @Test
  void saysWhatIsWrongWithTheTokenizer() throws IOException {
    Path bad = new TinyLlama(7).put("tokenizer.ggml.model", "morse").write(folder);
    FormatException e =
        assertThrows(FormatException.class, () -> LanguageModel.open(bad, options()));
    assertTrue(e.getMessage().contains("morse"), e.getMessage());
    assertFalse(isMapped(bad));
  }

  @Test
  void canBeClosedByManyThreadsAtOnceWhileOthersAsk() throws Exception {
    for (int round = 0; round < 10; round++) {
      LanguageModel model = LanguageModel.open(file, options().contextLength(10_000));
      List<Callable<String>> tasks = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        boolean closes = i % 4 == 3;
        tasks.add(() -> closes ? closed(model) : outcome(model));
      }
      try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
        for (Future<String> done : threads.invokeAll(tasks)) {
          String outcome = done.get();
          assertTrue(
              List.of("closed", "CANCELLED", "the model is closed").contains(outcome), outcome);
        }
      }
    }
  }

  private static String closed(LanguageModel model) {
    model.close();
    return "closed";
  }

  private static String outcome(LanguageModel model) {
    try {
      return model.generate(PROMPT, greedy(9_000)).result().finish().toString();
    } catch (EngineException e) {
      return e.getMessage();
    }
  }

  @Test
  void saysThatItFailedHoweverOftenItIsAsked() {
    try (LanguageModel model = LanguageModel.open(file, options())) {
      Map<Integer, Float> impossible = Map.of(5, Float.POSITIVE_INFINITY);
      Generation bad = model.generate(PROMPT, greedy(9).logitBias(impossible));
      Iterator<String> pieces = bad.iterator();
      for (int i = 0; i < 3; i++) {
        assertThrows(EngineException.class, pieces::hasNext);
        assertThrows(EngineException.class, pieces::next);
        assertThrows(EngineException.class, bad::result);
      }
    }
  }

  @Test
  void namesAFailureThatHasNoMessage() {
    ModelOptions failing =
        options()
            .observer(
                (_, _, _) -> {
                  throw new IllegalStateException();
                });
    try (LanguageModel model = LanguageModel.open(file, failing)) {
      Generation g = model.generate(PROMPT, greedy(9));
      EngineException e = assertThrows(EngineException.class, g::result);
      assertEquals("java.lang.IllegalStateException", e.getMessage());
    }
  }

  /** Reading on would be a bus error, which some compiled loops do not survive. */
  @Test
  void failsWhereTheFileIsCutWhileInUse() throws IOException {
    long size = Files.size(file);
    try (LanguageModel model = LanguageModel.open(file, options());
        ModelRunner runner = ModelRunner.open(file, options());
        ModelRunner.Sequence sequence = runner.newSequence()) {
      assertEquals(3, model.generate(PROMPT, greedy(3)).result().completionTokens());
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(4096);
      }
      String message = file + ": was cut from " + size + " to 4096 bytes while in use";
      Generation g = model.generate(PROMPT, greedy(3));
      assertEquals(message, assertThrows(EngineException.class, g::result).getMessage());
      FormatException e =
          assertThrows(
              FormatException.class, () -> runner.forwardLast(sequence, PROMPT, (_, _, _) -> {}));
      assertEquals(message, e.getMessage());
    }
  }

  @Test
  void survivesAnInterruptedThread() {
    try (ModelRunner runner = ModelRunner.open(file, options());
        ModelRunner.Sequence sequence = runner.newSequence()) {
      Thread.currentThread().interrupt();
      runner.forwardLast(sequence, PROMPT, (_, _, _) -> {});
      assertTrue(Thread.interrupted());
      runner.forwardLast(sequence, PROMPT, (_, _, _) -> {});
      assertEquals(2 * PROMPT.length, sequence.length());
    }
  }

  @Test
  void refusesStepsOfNoTokens() {
    try (ModelRunner runner = ModelRunner.open(file, options());
        ModelRunner.Sequence sequence = runner.newSequence()) {
      for (int chunk : new int[] {0, -1}) {
        EngineException e =
            assertThrows(
                EngineException.class,
                () -> runner.forwardAll(sequence, PROMPT, chunk, (_, _, _) -> {}));
        assertEquals("a step must have at least one token but has " + chunk, e.getMessage());
      }
    }
  }

  /** Requests of all kinds come and go; afterwards the cache must hold whole contexts again. */
  @Test
  void losesNoCacheBlockWhateverRequestsDo() throws Exception {
    ModelOptions small = options().contextLength(96).maxSequences(3).stepTokens(16);
    try (LanguageModel model = LanguageModel.open(file, small)) {
      List<Callable<FinishReason>> tasks = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        long seed = i;
        tasks.add(() -> anyRequest(model, new SplittableRandom(seed)));
      }
      try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
        for (Future<FinishReason> done : threads.invokeAll(tasks)) {
          done.get();
        }
      }
      List<Generation> whole = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        whole.add(model.generate(PROMPT, greedy(1000)));
      }
      whole.forEach(g -> assertEquals(96 - PROMPT.length, g.result().completionTokens()));
    }
  }

  private static FinishReason anyRequest(LanguageModel model, SplittableRandom random) {
    int[] prompt = random.ints(1 + random.nextInt(90), 3, 60).toArray();
    Sampling sampling = greedy(random.nextInt(60));
    int kind = random.nextInt(4);
    if (kind == 0) {
      sampling = sampling.logitBias(Map.of(5, Float.POSITIVE_INFINITY));
    }
    Generation g = model.generate(prompt, sampling);
    try {
      if (kind == 1) {
        g.close();
      } else if (kind == 2) {
        boolean _ = g.iterator().hasNext();
        g.close();
      }
      return g.result().finish();
    } catch (EngineException e) {
      assertEquals(0, kind, e.getMessage());
      return FinishReason.STOP;
    }
  }
}
