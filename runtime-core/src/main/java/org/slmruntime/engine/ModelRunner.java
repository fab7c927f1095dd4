package org.slmruntime.engine;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slmruntime.backend.Backends;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendProvider;
import org.slmruntime.backend.spi.DeviceSampling;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.ModelFile;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.kv.BlockPool;
import org.slmruntime.kv.BlockTable;
import org.slmruntime.lora.Adapters;
import org.slmruntime.model.Model;
import org.slmruntime.model.Models;
import org.slmruntime.sampling.TokenDraws;

/**
 * A model compiled for a backend with its cache, without scheduler or tokenizer: for measuring, for
 * scoring, and underneath {@link LanguageModel}. Used by one thread at a time.
 */
public final class ModelRunner implements AutoCloseable {
  /** Tokens per cache block. */
  public static final int BLOCK_TOKENS = 32;

  private final Model model;
  private final Backend backend;
  private final Plan plan;
  private final BlockPool pool;
  private final int contextLength;
  private final int stepTokens;
  private final int maxOutputs;
  private final StepInput input = new StepInput();

  /**
   * Sees one row of logits: {@code vocabulary} floats from {@code offset}, during the call only.
   */
  @FunctionalInterface
  public interface RowConsumer {
    void accept(int position, float[] logits, int offset);
  }

  private ModelRunner(
      Model model, Backend backend, Plan plan, PlanOptions limits, int contextLength) {
    this.model = model;
    this.backend = backend;
    this.plan = plan;
    this.pool = new BlockPool(limits.kvBlocks());
    this.contextLength = contextLength;
    this.stepTokens = limits.maxTokens();
    this.maxOutputs = limits.maxOutputs();
  }

  /** Opens a model file, chooses a backend and compiles. */
  public static ModelRunner open(Path path, ModelOptions options) {
    return open(GgufFile.open(path), options);
  }

  /** The same of an open file, which is closed with the runner, or here if that fails. */
  static ModelRunner open(GgufFile file, ModelOptions options) {
    ModelFile opened = file;
    try {
      Model model = Adapters.apply(Models.build(file), options.adapters());
      opened = model.file();
      return compile(model, options);
    } catch (RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  private static ModelRunner compile(Model model, ModelOptions options) {
    int context = contextLength(model, options);
    PlanOptions limits = limits(context, options);
    Backends.Choice choice =
        Backends.choose(
            options.backend(),
            options.backendOptions(),
            backend -> refusal(backend, model, limits));
    try {
      Plan plan = choice.backend().compile(model.graph(), model.weights(), limits);
      ModelRunner runner = new ModelRunner(model, choice.backend(), plan, limits, context);
      tell(options.notice(), choice.explanation(), plan);
      return runner;
    } catch (RuntimeException | Error e) {
      choice.backend().close();
      throw e;
    }
  }

  /** The listener is the caller's: if it throws, the plan's memory must not stay behind. */
  private static void tell(Consumer<String> notice, String explanation, Plan plan) {
    try {
      notice.accept(explanation);
    } catch (RuntimeException | Error e) {
      plan.close();
      throw e;
    }
  }

  /** The context that a model gets under these options. */
  public static int contextLength(Model model, ModelOptions options) {
    return options.contextLength() > 0
        ? options.contextLength()
        : Math.min(model.contextLength(), ModelOptions.DEFAULT_CONTEXT);
  }

  /** The limits of a plan for a context under these options. */
  public static PlanOptions limits(int context, ModelOptions options) {
    long blocks = (long) Math.ceilDiv(context, BLOCK_TOKENS) * options.maxSequences();
    if (blocks * BLOCK_TOKENS > Integer.MAX_VALUE) {
      throw new EngineException(
          options.maxSequences() + " sequences of " + context + " tokens are too many");
    }
    return new PlanOptions(
        options.stepTokens(),
        options.maxSequences(),
        options.maxOutputs(),
        (int) blocks,
        BLOCK_TOKENS,
        options.kvType(),
        options.observer(),
        options.progress());
  }

  private static Optional<String> refusal(Backend backend, Model model, PlanOptions limits) {
    Optional<String> unsupported = backend.unsupported(model.graph(), model.weights());
    if (unsupported.isPresent()) {
      return unsupported;
    }
    MemoryUse need = backend.estimate(model.graph(), model.weights(), limits);
    long has = memoryOf(backend);
    return need.allocated() <= has
        ? Optional.empty()
        : Optional.of(
            "it needs "
                + need.allocated()
                + " bytes and has "
                + has
                + ": "
                + (need.allocated() - has)
                + " are missing");
  }

  private static long memoryOf(Backend backend) {
    for (BackendProvider provider : Backends.providers()) {
      if (provider.id().equals(backend.id())
          && provider.probe() instanceof Availability.Available available) {
        return available.memoryBytes();
      }
    }
    return Long.MAX_VALUE;
  }

  public Model model() {
    return model;
  }

  /** Most tokens of one sequence. */
  public int contextLength() {
    return contextLength;
  }

  public String backendDescription() {
    return backend.description();
  }

  public MemoryUse memory() {
    return plan.memory();
  }

  BlockPool pool() {
    return pool;
  }

  /**
   * Runs one step.
   *
   * @throws FormatException if the model's file was cut meanwhile
   */
  float[] step(StepInput step) {
    return reading(() -> plan.step(step));
  }

  /** Choosing tokens on the device, if the plan has it; steps go through {@link #sample}. */
  Optional<DeviceSampling> sampling() {
    return plan.sampling();
  }

  /** Runs one step and chooses tokens on the device. */
  int[] sample(DeviceSampling sampling, StepInput step, TokenDraws draws) {
    return reading(() -> sampling.step(step, draws));
  }

  private <T> T reading(Supplier<T> step) {
    model.file().requireWhole();
    try {
      return step.get();
    } catch (InternalError e) {
      // What the JVM makes of a failed read of mapped memory.
      throw new FormatException(
          model.file().source() + ": its weights cannot be read any more: " + e.getMessage(), e);
    }
  }

  int stepTokens() {
    return stepTokens;
  }

  /** Starts an empty sequence; close it to give its cache blocks back. */
  public Sequence newSequence() {
    return new Sequence(this);
  }

  /** A sequence in the cache. */
  public static final class Sequence implements AutoCloseable {
    private final ModelRunner runner;
    private final BlockTable blocks;
    private int length;

    private Sequence(ModelRunner runner) {
      this.runner = runner;
      this.blocks = new BlockTable(runner.pool, BLOCK_TOKENS);
    }

    /** Tokens so far. */
    public int length() {
      return length;
    }

    BlockTable blocks() {
      return blocks;
    }

    /** Makes room for {@code tokens} positions in all; false if the cache is full. */
    boolean reserve(int tokens) {
      return blocks.reserve(tokens);
    }

    void advance(int tokens) {
      length += tokens;
    }

    /** Forgets all tokens and gives the blocks back. */
    public void clear() {
      blocks.release();
      length = 0;
    }

    /**
     * Forgets all tokens from position {@code tokens} on; the cache blocks stay taken.
     *
     * @throws EngineException if the sequence is not that long
     */
    public void truncate(int tokens) {
      if (tokens < 0 || tokens > length) {
        throw new EngineException("a sequence of " + length + " tokens cannot be cut to " + tokens);
      }
      length = tokens;
    }

    private void require(int tokens) {
      if (length + tokens > runner.contextLength) {
        throw new EngineException(
            "a sequence of "
                + ((long) length + tokens)
                + " tokens exceeds the context of "
                + runner.contextLength);
      }
      if (!blocks.reserve(length + tokens)) {
        throw new EngineException("the key/value cache is full");
      }
    }

    @Override
    public void close() {
      clear();
    }
  }

  /**
   * Appends tokens to a sequence, in steps of at most {@code chunk}, and shows the logits after
   * every token.
   */
  public void forwardAll(Sequence sequence, int[] tokens, int chunk, RowConsumer rows) {
    int step = Math.min(Math.min(chunk, stepTokens), maxOutputs);
    forward(sequence, tokens, step, true, rows);
  }

  /** Appends tokens to a sequence and shows the logits after the last. */
  public void forwardLast(Sequence sequence, int[] tokens, RowConsumer row) {
    forward(sequence, tokens, stepTokens, false, row);
  }

  private void forward(
      Sequence sequence, int[] tokens, int step, boolean all, RowConsumer consumer) {
    if (step < 1) {
      throw new EngineException("a step must have at least one token but has " + step);
    }
    sequence.require(tokens.length);
    for (int from = 0; from < tokens.length; from += step) {
      int n = Math.min(step, tokens.length - from);
      input.clear();
      input.beginSequence(sequence.blocks.blocks(), sequence.blocks.count());
      int start = sequence.length;
      for (int i = 0; i < n; i++) {
        input.addToken(tokens[from + i], start + i, all || from + i == tokens.length - 1);
      }
      float[] logits = step(input);
      sequence.length += n;
      for (int r = 0; r < input.outputCount(); r++) {
        consumer.accept(start + input.outputToken(r), logits, r * model.vocabulary());
      }
    }
  }

  /** One decode step of several sequences at once: a token each, logits of each in order. */
  public float[] decode(Sequence[] sequences, int[] tokens) {
    input.clear();
    for (int i = 0; i < sequences.length; i++) {
      sequences[i].require(1);
      input.beginSequence(sequences[i].blocks.blocks(), sequences[i].blocks.count());
      input.addToken(tokens[i], sequences[i].length, true);
    }
    float[] logits = step(input);
    for (Sequence sequence : sequences) {
      sequence.length++;
    }
    return logits;
  }

  @Override
  public void close() {
    plan.close();
    backend.close();
    model.file().close();
  }
}
