package org.slmruntime.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.SlmException;
import org.slmruntime.engine.ChatOptions;
import org.slmruntime.engine.Generation;
import org.slmruntime.engine.LanguageModel;
import org.slmruntime.engine.Message;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.sampling.Sampling;

/**
 * Whole models harmed in one to three places: each is refused with a typed error of one line, or
 * runs, quickly and in little memory either way.
 */
public abstract class HostileModelConformance {
  private static final long SEED = 20_000;

  /** Most runs of a model that is not harmed, before the harmed ones. */
  private static final int MAX_WARM_UP = 10;

  private static final int[] TOKENS = {1, 2, 3, 1, 0};

  @TempDir Path folder;

  /** The backend under test. */
  protected abstract String backend();

  /** How many harmed models are tried. */
  protected int mutants() {
    return Integer.getInteger("slm.test.mutants", 400);
  }

  /**
   * Most bytes that one may take, not at once: vectors are objects until their loops are compiled.
   */
  protected long maxAllocated() {
    return 256 << 20;
  }

  /** Longest time that one may take. */
  protected long maxMillis() {
    return 5000;
  }

  private ModelOptions options() {
    return ModelOptions.defaults()
        .backend(backend())
        .threads(1)
        .contextLength(16)
        .maxSequences(1)
        .stepTokens(4)
        .notice(_ -> {});
  }

  @Test
  void opensAndStepsOrRefusesEveryHarmedModel() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (GgufWriter writer : SeedModels.all()) {
      Path seed = folder.resolve("seed.gguf");
      writer.write(seed);
      runUntilCompiled(seed);
      seeds.add(Files.readAllBytes(seed));
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Path mutant = folder.resolve("mutant.gguf");
    int accepted = 0;
    for (int i = 0; i < mutants(); i++) {
      SplittableRandom random = new SplittableRandom(SEED + i);
      GgufParts parts = GgufParts.parse(seeds.get(i % seeds.size()));
      Files.write(mutant, new GgufHarm(parts, random).harmed());
      long allocated = threads.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      accepted += runs(mutant, "seed " + (SEED + i)) ? 1 : 0;
      long millis = (System.nanoTime() - start) / 1_000_000;
      allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
      assertTrue(millis < maxMillis(), millis + " ms, seed " + (SEED + i));
      assertTrue(allocated < maxAllocated(), allocated + " bytes, seed " + (SEED + i));
    }
    assertTrue(accepted > mutants() / 20 && accepted < mutants() * 9 / 10, accepted + " accepted");
  }

  /** What kernels allocate before they are compiled says nothing about the model. */
  private void runUntilCompiled(Path seed) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = Long.MAX_VALUE;
    for (int i = 0; i < MAX_WARM_UP && allocated > maxAllocated() / 4; i++) {
      allocated = -threads.getCurrentThreadAllocatedBytes();
      assertTrue(runs(seed, "the seed"));
      allocated += threads.getCurrentThreadAllocatedBytes();
    }
  }

  private boolean runs(Path model, String hint) {
    try {
      try (ModelRunner runner = ModelRunner.open(model, options());
          ModelRunner.Sequence sequence = runner.newSequence()) {
        int vocabulary = runner.model().vocabulary();
        int[] tokens = TOKENS.clone();
        for (int t = 0; t < tokens.length; t++) {
          tokens[t] = Math.min(tokens[t], vocabulary - 1);
        }
        runner.forwardAll(sequence, tokens, 2, (_, _, _) -> {});
      }
      return speaks(model);
    } catch (SlmException e) {
      assertEquals(1, String.valueOf(e.getMessage()).lines().count(), hint + ": " + e);
      assertTrue(String.valueOf(e.getMessage()).length() < 1000, hint + ": " + e);
      return false;
    } catch (Exception | Error e) {
      throw new AssertionError(hint + ": " + e, e);
    }
  }

  /** What needs the vocabulary as well. */
  private boolean speaks(Path model) {
    try (LanguageModel language = LanguageModel.open(model, options())) {
      if (!language.metadata().has("tokenizer.ggml.tokens")) {
        return true;
      }
      Sampling four = Sampling.greedy().maxTokens(4).logitBias(Map.of(1, 1f));
      try (Generation g = language.generate("ab \u00e9AB", four)) {
        g.result();
      }
      language.chat(List.of(Message.user("ABC")), ChatOptions.defaults().sampling(four));
      return true;
    }
  }
}
