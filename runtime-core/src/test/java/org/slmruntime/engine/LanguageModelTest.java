package org.slmruntime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.sampling.Sampling;
import org.slmruntime.sampling.SamplingException;
import org.slmruntime.sampling.TokenChoice;
import org.slmruntime.testing.TinyLlama;

@Timeout(60)
class LanguageModelTest {
  private static final int[] PROMPT = {1, 10, 40, 7, 22};

  @TempDir static Path folder;
  private static Path file;

  @BeforeAll
  static void writeModel() {
    file = new TinyLlama(7).write(folder);
  }

  private static ModelOptions options() {
    return ModelOptions.defaults().backend("reference").notice(_ -> {});
  }

  private static LanguageModel open() {
    return LanguageModel.open(file, options());
  }

  private static Sampling greedy(int tokens) {
    return Sampling.greedy().ignoreEnd(true).maxTokens(tokens);
  }

  private static List<Integer> tokens(Generation generation) {
    return generation.result().choices().stream().map(TokenChoice::token).toList();
  }

  private static int[] randomPrompt(long seed, int length) {
    return new SplittableRandom(seed).ints(length, 3, 60).toArray();
  }

  @Test
  void generatesWhatAGreedyLoopOverThePlanGenerates() {
    try (LanguageModel model = open()) {
      for (int seed = 0; seed < 5; seed++) {
        int[] prompt = randomPrompt(seed, 1 + 9 * seed);
        List<Integer> wanted = GreedyLoop.run(file, prompt, 60);
        assertTrue(Set.copyOf(wanted).size() > 3, "a dull model: " + wanted);
        assertEquals(wanted, tokens(model.generate(prompt, greedy(60))), "seed " + seed);
      }
    }
  }

  @Test
  void cutsLongPromptsIntoStepsWithoutChangingTheOutput() {
    int[] prompt = randomPrompt(3, 100);
    List<Integer> wanted = GreedyLoop.run(file, prompt, 20);
    for (int stepTokens : new int[] {4, 7, 33}) {
      try (LanguageModel model = LanguageModel.open(file, options().stepTokens(stepTokens))) {
        assertEquals(wanted, tokens(model.generate(prompt, greedy(20))), stepTokens + " a step");
      }
    }
  }

  @Test
  void givesEveryThreadWhatItGetsAlone() throws Exception {
    List<Callable<List<Integer>>> tasks = new ArrayList<>();
    List<List<Integer>> alone = new ArrayList<>();
    try (LanguageModel model = LanguageModel.open(file, options().stepTokens(16));
        ExecutorService threads = Executors.newFixedThreadPool(12)) {
      for (int i = 0; i < 24; i++) {
        int[] prompt = randomPrompt(i, 1 + i * 3);
        Sampling s = i % 2 == 0 ? greedy(5 + i) : Sampling.defaults().seed(i).maxTokens(5 + i);
        alone.add(tokens(model.generate(prompt, s)));
        tasks.add(() -> tokens(model.generate(prompt, s)));
      }
      List<Future<List<Integer>>> together = threads.invokeAll(tasks);
      for (int i = 0; i < tasks.size(); i++) {
        assertEquals(alone.get(i), together.get(i).get(), "request " + i);
      }
    }
  }

  @Test
  void isNotHeldUpByReadersThatDoNotRead() {
    try (LanguageModel model = open()) {
      List<Generation> unread = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        unread.add(model.generate(randomPrompt(i, 5), greedy(40)));
      }
      assertEquals(40, model.generate(PROMPT, greedy(40)).result().completionTokens());
      Iterator<String> late = unread.getFirst().iterator();
      StringBuilder text = new StringBuilder();
      late.forEachRemaining(text::append);
      assertEquals(unread.getFirst().result().text(), text.toString());
    }
  }

  @Test
  void givesTheBlocksOfCancelledRequestsBack() {
    ModelOptions small = options().contextLength(64).maxSequences(2);
    try (LanguageModel model = LanguageModel.open(file, small)) {
      for (int i = 0; i < 20; i++) {
        Generation g = model.generate(randomPrompt(i, 40), greedy(1000));
        if (i % 2 == 0) {
          g.iterator().next();
        }
        g.close();
        FinishReason finish = g.result().finish();
        assertTrue(finish == FinishReason.CANCELLED || finish == FinishReason.LENGTH, "" + finish);
      }
      // The cache holds exactly two whole contexts.
      Generation first = model.generate(PROMPT, greedy(1000));
      Generation second = model.generate(PROMPT, greedy(1000));
      assertEquals(64 - PROMPT.length, first.result().completionTokens());
      assertEquals(64 - PROMPT.length, second.result().completionTokens());
      assertEquals(FinishReason.LENGTH, first.result().finish());
    }
  }

  @Test
  void endsACancelledRequestBeforeItsTime() {
    try (LanguageModel model = LanguageModel.open(file, options().contextLength(100_000))) {
      Generation g = model.generate(PROMPT, greedy(90_000));
      g.iterator().next();
      g.close();
      assertEquals(FinishReason.CANCELLED, g.result().finish());
      assertTrue(g.result().completionTokens() < 90_000);
      g.close();
    }
  }

  @Test
  void neverShowsAStopStringEvenAcrossTokens() {
    try (LanguageModel model = open()) {
      String text = model.generate(PROMPT, greedy(60)).result().text();
      for (int from = 0; from + 5 < text.length(); from++) {
        String stop = text.substring(from, from + 5);
        Generation g = model.generate(PROMPT, greedy(60).stopStrings(List.of("never there", stop)));
        StringBuilder pieces = new StringBuilder();
        g.forEach(pieces::append);
        assertEquals(text.substring(0, text.indexOf(stop)), pieces.toString(), "stop " + stop);
        assertEquals(pieces.toString(), g.result().text());
        assertEquals(FinishReason.STOP, g.result().finish());
      }
    }
  }

  @Test
  void endsAtStopTokensWithoutTheirText() {
    try (LanguageModel model = open()) {
      List<Integer> all = tokens(model.generate(PROMPT, greedy(30)));
      int stop = all.get(12);
      Generation g = model.generate(PROMPT, greedy(30).stopTokens(Set.of(stop)));
      List<Integer> until = all.subList(0, all.indexOf(stop) + 1);
      assertEquals(until, tokens(g));
      assertEquals(FinishReason.STOP, g.result().finish());
      int[] shown = until.stream().limit(until.size() - 1).mapToInt(i -> i).toArray();
      StringBuilder text = new StringBuilder();
      var decoder = model.tokenizer().decoder();
      Arrays.stream(shown).forEach(id -> text.append(decoder.accept(id)));
      assertEquals(text.append(decoder.finish()).toString(), g.result().text());
    }
  }

  @Test
  void endsAtTheModelsOwnEndUnlessItIsIgnored() {
    try (LanguageModel model = open()) {
      Sampling towardsEnd = Sampling.greedy().maxTokens(5).logitBias(Map.of(2, 1000f));
      GenerationResult ended = model.generate(PROMPT, towardsEnd).result();
      assertEquals(FinishReason.STOP, ended.finish());
      assertEquals(1, ended.completionTokens());
      assertEquals("", ended.text());
      GenerationResult ignored = model.generate(PROMPT, towardsEnd.ignoreEnd(true)).result();
      assertEquals(FinishReason.LENGTH, ignored.finish());
      assertEquals(5, ignored.completionTokens());
    }
  }

  @Test
  void generatesNothingWhereNothingIsWanted() {
    try (LanguageModel model = open()) {
      Generation g = model.generate(PROMPT, greedy(0));
      assertFalse(g.iterator().hasNext());
      assertEquals("", g.result().text());
      assertEquals(FinishReason.LENGTH, g.result().finish());
      assertEquals(PROMPT.length, g.result().promptTokens());
    }
  }

  @Test
  void repeatsItselfWithASeed() {
    try (LanguageModel model = open()) {
      Sampling s = Sampling.defaults().temperature(2).ignoreEnd(true).maxTokens(30);
      GenerationResult first = model.generate(PROMPT, s).result();
      GenerationResult again = model.generate(PROMPT, s.seed(first.seed())).result();
      assertEquals(first.choices(), again.choices());
      assertEquals(first.text(), again.text());
    }
  }

  @Test
  void encodesATextWithBos() {
    try (LanguageModel model = open()) {
      GenerationResult result = model.generate("the an", greedy(3)).result();
      assertEquals(model.tokenizer().encode("the an", true, true).length, result.promptTokens());
      assertEquals(1, model.tokenizer().encode("the an", true, true)[0]);
    }
  }

  private static void refuses(LanguageModel model, int[] prompt, String message) {
    EngineException e =
        assertThrows(EngineException.class, () -> model.generate(prompt, greedy(1)));
    assertEquals(message, e.getMessage());
  }

  @Test
  void refusesPromptsItCannotServe() {
    try (LanguageModel model = LanguageModel.open(file, options().contextLength(40))) {
      refuses(model, new int[0], "the prompt has no tokens");
      refuses(
          model,
          new int[40],
          "the prompt has 40 tokens, which leaves no room in the context of 40");
      refuses(model, new int[] {1, 60}, "token id 60 is not in 0..59");
      refuses(model, new int[] {-1}, "token id -1 is not in 0..59");
      assertEquals(1, model.generate(new int[39], greedy(9)).result().completionTokens());
    }
  }

  @Test
  void refusesRequestsOnceClosedAndEndsThoseInProgress() {
    LanguageModel model = LanguageModel.open(file, options().contextLength(100_000));
    List<Generation> running = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      running.add(model.generate(PROMPT, greedy(90_000)));
    }
    running.getFirst().iterator().next();
    model.close();
    model.close();
    running.forEach(g -> assertEquals(FinishReason.CANCELLED, g.result().finish()));
    refuses(model, PROMPT, "the model is closed");
  }

  @Test
  void letsABadRequestHurtNobodyElse() {
    try (LanguageModel model = open()) {
      List<Integer> wanted = tokens(model.generate(PROMPT, greedy(40)));
      Generation good = model.generate(PROMPT, greedy(40));
      Map<Integer, Float> impossible = Map.of(5, Float.POSITIVE_INFINITY);
      Generation bad = model.generate(PROMPT, greedy(40).logitBias(impossible));
      EngineException e = assertThrows(EngineException.class, bad::result);
      assertInstanceOf(SamplingException.class, e.getCause());
      assertThrows(EngineException.class, () -> bad.forEach(_ -> {}));
      assertEquals(wanted, tokens(good));
      assertEquals(wanted, tokens(model.generate(PROMPT, greedy(40))));
    }
  }

  @Test
  void failsEverythingInProgressWhenAStepFailsAndHangsNobody() {
    AtomicBoolean broken = new AtomicBoolean();
    ModelOptions failing =
        options()
            .observer(
                (_, _, _) -> {
                  if (broken.get()) {
                    throw new IllegalStateException("the device is gone");
                  }
                });
    try (LanguageModel model = LanguageModel.open(file, failing.contextLength(100_000))) {
      List<Generation> running = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        running.add(model.generate(PROMPT, greedy(90_000)));
      }
      running.getFirst().iterator().next();
      broken.set(true);
      for (Generation g : running) {
        EngineException e = assertThrows(EngineException.class, g::result);
        assertEquals("the device is gone", e.getMessage());
      }
      refuses(model, PROMPT, "the model is closed");
    }
  }

  @Test
  void cancelsTheRequestOfAThreadThatIsInterruptedWhileWaiting() throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    ModelOptions slow = options().observer((_, _, _) -> awaitQuietly(held));
    try (LanguageModel model = LanguageModel.open(file, slow)) {
      Generation g = model.generate(PROMPT, greedy(50));
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      AtomicBoolean stillInterrupted = new AtomicBoolean();
      Thread reader =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      g.iterator().next();
                    } catch (EngineException e) {
                      thrown.set(e);
                      stillInterrupted.set(Thread.currentThread().isInterrupted());
                    }
                  });
      reader.interrupt();
      reader.join();
      held.countDown();
      assertEquals(
          "interrupted while waiting for text; the generation is cancelled",
          thrown.get().getMessage());
      assertTrue(stillInterrupted.get());
      assertEquals(FinishReason.CANCELLED, g.result().finish());
    } finally {
      held.countDown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("held for too long");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void canBeReadOnceOnly() {
    try (LanguageModel model = open()) {
      Generation g = model.generate(PROMPT, greedy(3));
      g.forEach(_ -> {});
      assertThrows(EngineException.class, g::iterator);
    }
  }

  @Test
  void refusesAContextThatDoesNotFitInMemory() {
    ModelOptions huge = options().contextLength(100_000_000).maxSequences(8);
    String message =
        assertThrows(org.slmruntime.SlmException.class, () -> LanguageModel.open(file, huge))
            .getMessage();
    assertTrue(message.contains("missing"), message);
  }
}
