package org.slmruntime.engine;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.format.Metadata;
import org.slmruntime.sampling.Sampling;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;

/**
 * A model ready to generate. Thread-safe: many threads share one model and are batched together;
 * what one request gets does not depend on the others.
 *
 * <pre>{@code
 * try (LanguageModel model = LanguageModel.open(Path.of("model.gguf"));
 *     Generation g = model.generate("Once upon a time", Sampling.greedy().maxTokens(64))) {
 *   for (String piece : g) {
 *     show(piece);
 *   }
 * }
 * }</pre>
 */
public final class LanguageModel implements AutoCloseable {
  private final ModelRunner runner;
  private final Optional<Tokenizer> tokenizer;
  private final StepLoop loop;
  private final Thread thread;

  private LanguageModel(ModelRunner runner, Optional<Tokenizer> tokenizer, int maxSequences) {
    this.runner = runner;
    this.tokenizer = tokenizer;
    Set<Integer> ends = tokenizer.map(Tokenizer::endOfGeneration).orElse(Set.of());
    this.loop = new StepLoop(runner, maxSequences, ends::contains);
    this.thread = Thread.ofPlatform().daemon().name("slm-steps").start(loop);
  }

  /** Opens a model with {@link ModelOptions#defaults()}. */
  public static LanguageModel open(Path path) {
    return open(path, ModelOptions.defaults());
  }

  /**
   * Opens a model.
   *
   * @throws org.slmruntime.SlmException if the file is malformed, the architecture unknown, the
   *     backend unusable, or the memory too small; the message says which
   */
  public static LanguageModel open(Path path, ModelOptions options) {
    ModelRunner runner = ModelRunner.open(path, options);
    try {
      Optional<Tokenizer> tokenizer = Tokenizers.fromGguf(runner.model().file().metadata());
      return new LanguageModel(runner, tokenizer, options.maxSequences());
    } catch (RuntimeException | Error e) {
      runner.close();
      throw e;
    }
  }

  /**
   * Continues a text. BOS is added as the model wants it; special tokens written in the text become
   * tokens.
   */
  public Generation generate(String prompt, Sampling sampling) {
    return generate(tokenizer().encode(prompt, true, true), sampling);
  }

  /**
   * Continues a sequence of ids, taken as they are.
   *
   * @throws EngineException if there is no token, an id is unknown, or the prompt fills the context
   */
  public Generation generate(int[] prompt, Sampling sampling) {
    if (prompt.length == 0) {
      throw new EngineException("the prompt has no tokens");
    }
    if (prompt.length >= contextLength()) {
      throw new EngineException(
          "the prompt has "
              + prompt.length
              + " tokens, which leaves no room in the context of "
              + contextLength());
    }
    for (int id : prompt) {
      if (id < 0 || id >= runner.model().vocabulary()) {
        throw new EngineException(
            "token id " + id + " is not in 0.." + (runner.model().vocabulary() - 1));
      }
    }
    if (loop.isClosing()) {
      throw new EngineException("the model is closed");
    }
    TextStream text = new TextStream(tokenizer().decoder(), sampling.stopStrings());
    Generation generation = new Generation(prompt.clone(), sampling, text);
    loop.submit(generation);
    return generation;
  }

  /**
   * The model's tokenizer.
   *
   * @throws EngineException if the file has none
   */
  public Tokenizer tokenizer() {
    return tokenizer.orElseThrow(
        () -> new EngineException(runner.model().file().source() + ": has no tokenizer"));
  }

  public Metadata metadata() {
    return runner.model().file().metadata();
  }

  /** Most tokens of one request, prompt and output together. */
  public int contextLength() {
    return runner.contextLength();
  }

  /** What runs the model, in one line. */
  public String backend() {
    return runner.backendDescription();
  }

  public MemoryUse memory() {
    return runner.memory();
  }

  /** Cancels what is in progress, waits for the step to end, and frees everything. */
  @Override
  public void close() {
    loop.close();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    runner.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
