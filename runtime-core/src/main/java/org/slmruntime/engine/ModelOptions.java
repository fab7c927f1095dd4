package org.slmruntime.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slmruntime.backend.Backends;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.lora.ScaledAdapter;
import org.slmruntime.tensor.DType;

/**
 * How to open a model. Immutable; each method named after a component returns a changed copy.
 *
 * @param backend a backend's id, or {@code auto}
 * @param threads of a CPU backend; 0 lets it choose
 * @param device index among several GPUs, or {@link BackendOptions#ANY_DEVICE}
 * @param gpuSync whether a GPU backend waits after each kernel, slowly, so that a failure names it
 * @param packedCache folder in which a CPU backend keeps the weights as it lays them out, for the
 *     next time that the model is opened; empty for none
 * @param contextLength most tokens of one sequence, prompt and output together; 0 for the model's
 *     own, but at most {@value #DEFAULT_CONTEXT}
 * @param kvType element type of the key/value cache: F32, F16 or Q8_0
 * @param maxSequences most requests that run at once; the cache holds this many full contexts
 * @param stepTokens most tokens in one step; long prompts are cut to this
 * @param maxOutputs most rows of logits of one step; at least {@code maxSequences} are held
 * @param adapters LoRA adapters whose changes are added up, for all requests
 * @param progress told how far loading has come
 * @param notice told in one line what runs and why other backends do not, and what is done without
 * @param observer sees every activation; for debugging
 */
public record ModelOptions(
    String backend,
    int threads,
    int device,
    boolean gpuSync,
    Optional<Path> packedCache,
    int contextLength,
    DType kvType,
    int maxSequences,
    int stepTokens,
    int maxOutputs,
    List<ScaledAdapter> adapters,
    ProgressListener progress,
    Consumer<String> notice,
    ValueObserver observer) {
  public static final int DEFAULT_CONTEXT = 4096;
  private static final System.Logger LOGGER = System.getLogger("org.slmruntime");

  public ModelOptions {
    check("contextLength", contextLength, contextLength >= 0);
    check("maxSequences", maxSequences, maxSequences > 0 && maxSequences <= 1 << 16);
    check("stepTokens", stepTokens, stepTokens > 0 && stepTokens <= 1 << 20);
    check("maxOutputs", maxOutputs, maxOutputs > 0);
    adapters = List.copyOf(adapters);
    maxOutputs = Math.max(maxOutputs, maxSequences);
    stepTokens = Math.max(stepTokens, maxSequences);
  }

  /** The best backend, the model's context up to 4096 tokens, F16 cache, four requests at once. */
  public static ModelOptions defaults() {
    return new ModelOptions(
        Backends.AUTO,
        0,
        BackendOptions.ANY_DEVICE,
        false,
        Optional.empty(),
        0,
        DType.F16,
        4,
        512,
        4,
        List.of(),
        ProgressListener.NONE,
        text -> LOGGER.log(System.Logger.Level.INFO, text),
        ValueObserver.NONE);
  }

  public ModelOptions backend(String backend) {
    Changed copy = new Changed(this);
    copy.backend = backend;
    return copy.options();
  }

  public ModelOptions threads(int threads) {
    Changed copy = new Changed(this);
    copy.threads = threads;
    return copy.options();
  }

  public ModelOptions device(int device) {
    Changed copy = new Changed(this);
    copy.device = device;
    return copy.options();
  }

  public ModelOptions gpuSync(boolean gpuSync) {
    Changed copy = new Changed(this);
    copy.gpuSync = gpuSync;
    return copy.options();
  }

  public ModelOptions packedCache(Path packedCache) {
    Changed copy = new Changed(this);
    copy.packedCache = Optional.of(packedCache);
    return copy.options();
  }

  public ModelOptions contextLength(int contextLength) {
    Changed copy = new Changed(this);
    copy.contextLength = contextLength;
    return copy.options();
  }

  public ModelOptions kvType(DType kvType) {
    Changed copy = new Changed(this);
    copy.kvType = kvType;
    return copy.options();
  }

  public ModelOptions maxSequences(int maxSequences) {
    Changed copy = new Changed(this);
    copy.maxSequences = maxSequences;
    return copy.options();
  }

  public ModelOptions stepTokens(int stepTokens) {
    Changed copy = new Changed(this);
    copy.stepTokens = stepTokens;
    return copy.options();
  }

  public ModelOptions maxOutputs(int maxOutputs) {
    Changed copy = new Changed(this);
    copy.maxOutputs = maxOutputs;
    return copy.options();
  }

  public ModelOptions adapters(List<ScaledAdapter> adapters) {
    Changed copy = new Changed(this);
    copy.adapters = adapters;
    return copy.options();
  }

  public ModelOptions progress(ProgressListener progress) {
    Changed copy = new Changed(this);
    copy.progress = progress;
    return copy.options();
  }

  public ModelOptions notice(Consumer<String> notice) {
    Changed copy = new Changed(this);
    copy.notice = notice;
    return copy.options();
  }

  public ModelOptions observer(ValueObserver observer) {
    Changed copy = new Changed(this);
    copy.observer = observer;
    return copy.options();
  }

  /** How a backend is opened under these options. */
  public BackendOptions backendOptions() {
    return new BackendOptions(threads, device, gpuSync, packedCache, notice);
  }

  private static void check(String name, int value, boolean valid) {
    if (!valid) {
      throw new EngineException(name + " is out of range: " + value);
    }
  }

  /** A copy on its way: the one place that names every component. */
  private static final class Changed {
    String backend;
    int threads;
    int device;
    boolean gpuSync;
    Optional<Path> packedCache;
    int contextLength;
    DType kvType;
    int maxSequences;
    int stepTokens;
    int maxOutputs;
    List<ScaledAdapter> adapters;
    ProgressListener progress;
    Consumer<String> notice;
    ValueObserver observer;

    Changed(ModelOptions from) {
      backend = from.backend;
      threads = from.threads;
      device = from.device;
      gpuSync = from.gpuSync;
      packedCache = from.packedCache;
      contextLength = from.contextLength;
      kvType = from.kvType;
      maxSequences = from.maxSequences;
      stepTokens = from.stepTokens;
      maxOutputs = from.maxOutputs;
      adapters = from.adapters;
      progress = from.progress;
      notice = from.notice;
      observer = from.observer;
    }

    ModelOptions options() {
      return new ModelOptions(
          backend,
          threads,
          device,
          gpuSync,
          packedCache,
          contextLength,
          kvType,
          maxSequences,
          stepTokens,
          maxOutputs,
          adapters,
          progress,
          notice,
          observer);
    }
  }
}
