package org.slmruntime.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.slmruntime.backend.Backends;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.engine.EngineException;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.lora.ScaledAdapter;
import org.slmruntime.tensor.DType;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The model and how to open it: the same for every command that runs one. */
final class ModelArguments {
  /** Element types of the key/value cache. */
  enum KvType {
    F32,
    F16,
    Q8_0;

    /** As the documentation writes it, for completion. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What --backend may be, for completion. */
  static final class BackendIds implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return known().iterator();
    }

    private static List<String> known() {
      List<String> known = new ArrayList<>(List.of(Backends.AUTO));
      Backends.providers().forEach(provider -> known.add(provider.id()));
      return known;
    }
  }

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description =
          "A GGUF file (of a split one, the first part), or a name that was pulled (default: the"
              + " demo model, which tells little stories).")
  private Path model;

  /** Where that is; looked for once. */
  private Path opened;

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--backend",
      paramLabel = "ID",
      defaultValue = "auto",
      completionCandidates = BackendIds.class,
      description = "auto, cpu, cuda or reference (default: ${DEFAULT-VALUE}).")
  String backend;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Worker threads of a CPU backend (default: one per physical core).")
  int threads;

  @Option(
      names = "--device",
      paramLabel = "N",
      description = "Which of several GPUs (default: the first that can be used).")
  Integer device;

  @Option(
      names = "--gpu-sync",
      description = "Wait for the GPU after each kernel: slow, but a failure names it.")
  boolean gpuSync;

  @Option(
      names = "--packed-cache",
      paramLabel = "DIR",
      description = "Keep weights there as the CPU lays them out, so that it starts sooner.")
  Path packedCache;

  @Option(
      names = "--lora",
      paramLabel = "PATH[=SCALE]",
      description =
          "A LoRA adapter (a PEFT folder or a GGUF file) and a factor for it (default: 1);"
              + " several are added up.")
  List<ScaledAdapter> adapters;

  @Option(
      names = {"-c", "--ctx"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Context length in tokens (default: the model's, at most 4096).")
  int context;

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      description = "Cache type: f32, f16 or q8_0 (default: f16).")
  KvType kvType;

  @Option(
      names = {"-q", "--quiet"},
      description = "Only results and errors, no progress.")
  boolean quiet;

  /** The model's path, checked to be something we open. */
  Path path() {
    if (opened == null) {
      opened = model == null ? ModelPath.demo(spec, quiet) : path(model);
    }
    return opened;
  }

  /** The demo model's cache is small in any type, and kernels for F32 are compiled sooner. */
  private KvType chosenKvType() {
    if (kvType != null) {
      return kvType;
    }
    return isDemo() ? KvType.F32 : KvType.F16;
  }

  /** Whether no other was named. */
  boolean isDemo() {
    return model == null;
  }

  /** The same of another model that a command opens beside it. */
  Path path(Path other) {
    Path path = ModelPath.resolve(other, spec, quiet);
    if (Files.isDirectory(path)) {
      throw new EngineException(
          path + ": is a folder; Hugging Face folders are not read yet, give a GGUF file");
    }
    return path;
  }

  /**
   * Options for one sequence, with a progress bar and notices on standard error. Checks what was
   * given, before any file is opened.
   */
  ModelOptions options() {
    checkBackend(backend);
    check("--threads", threads, BackendOptions.MAX_THREADS);
    int chosen = device == null ? BackendOptions.ANY_DEVICE : device;
    if (device != null) {
      check("--device", device, Integer.MAX_VALUE);
    }
    check("--ctx", context, Integer.MAX_VALUE);
    PrintWriter err = spec.commandLine().getErr();
    ModelOptions defaults = ModelOptions.defaults();
    return (packedCache == null ? defaults : defaults.packedCache(packedCache))
        .backend(backend)
        .threads(threads)
        .device(chosen)
        .gpuSync(gpuSync)
        .contextLength(context)
        .kvType(DType.valueOf(chosenKvType().name()))
        .maxSequences(1)
        .adapters(adapters == null ? List.of() : adapters)
        .progress(quiet ? (_, _, _) -> {} : new ProgressBar(err))
        .notice(
            text -> {
              if (!quiet) {
                err.println("slm: " + text);
                err.flush();
              }
            });
  }

  /** Refuses a backend's id that nobody has. */
  void checkBackend(String id) {
    List<String> known = BackendIds.known();
    if (!known.contains(id)) {
      throw new ParameterException(
          spec.commandLine(),
          "there is no backend \"" + id + "\"; known are " + String.join(", ", known));
    }
  }

  private void check(String option, int value, int max) {
    if (value < 0 || value > max) {
      throw new ParameterException(
          spec.commandLine(), option + " must be in 0.." + max + " but is " + value);
    }
  }
}
