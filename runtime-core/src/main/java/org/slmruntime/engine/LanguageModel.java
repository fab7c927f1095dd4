package org.slmruntime.engine;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.format.Metadata;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.sampling.Sampling;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;
import org.slmruntime.tokenizer.chat.ChatTemplates;
import org.slmruntime.tokenizer.chat.TemplateLimits;

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
  private final AtomicBoolean freed = new AtomicBoolean();

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
    GgufFile file = GgufFile.open(path);
    // A large vocabulary takes as long as making the plan, so both are done at once.
    CompletableFuture<Optional<Tokenizer>> tokenizer =
        CompletableFuture.supplyAsync(() -> Tokenizers.fromGguf(file.metadata()));
    ModelRunner runner = ModelRunner.open(file, options);
    try {
      return new LanguageModel(runner, result(tokenizer), options.maxSequences());
    } catch (RuntimeException | Error e) {
      runner.close();
      throw e;
    }
  }

  /** Waits; a failure is thrown as it was thrown there. */
  private static <T> T result(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw e;
      }
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
   * Answers a conversation; waits for the whole answer.
   *
   * @throws EngineException if the model has no chat template or the prompt fills the context
   * @throws org.slmruntime.tokenizer.chat.TemplateException if the template refuses the messages
   */
  public ChatReply chat(List<Message> messages, ChatOptions options) {
    try (Generation generation = chatStream(messages, options)) {
      GenerationResult result = generation.result();
      return new ChatReply(Message.assistant(result.text()), result);
    }
  }

  /**
   * Answers a conversation as {@link #chat} does, piece by piece. The messages become one text by
   * the model's template, and special tokens in that text become tokens, those that a message
   * spells out included.
   */
  public Generation chatStream(List<Message> messages, ChatOptions options) {
    return generate(chatPrompt(messages, options), options.sampling());
  }

  /**
   * What {@link #chatStream} has the model continue, for callers who keep a conversation within
   * {@link #contextLength}.
   */
  public int[] chatPrompt(List<Message> messages, ChatOptions options) {
    String prompt =
        chatTemplates()
            .render(
                messages.stream().map(Message::variables).toList(),
                options.tools().isEmpty() ? null : options.tools(),
                true,
                options.variables(),
                Clock.systemDefaultZone(),
                TemplateLimits.defaults());
    return tokenizer().withBos(tokenizer().encode(prompt, false, true));
  }

  /**
   * The model's chat templates.
   *
   * @throws EngineException if the file has none
   */
  public ChatTemplates chatTemplates() {
    return ChatTemplates.fromGguf(metadata(), tokenizer())
        .orElseThrow(
            () ->
                new EngineException(
                    runner.model().file().source()
                        + ": has no chat template; it can only continue texts (slm run)"));
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
    if (freed.compareAndSet(false, true)) {
      runner.close();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
