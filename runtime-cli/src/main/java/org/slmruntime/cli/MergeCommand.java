package org.slmruntime.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.engine.EngineException;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.lora.LoraMerge;
import org.slmruntime.lora.ScaledAdapter;
import org.slmruntime.model.Models;
import org.slmruntime.tensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a model with adapters in its weights. */
@Command(
    name = "merge",
    description = "Write a model with LoRA adapters merged into its weights, as GGUF.",
    footer = {
      "",
      "Examples:",
      "  slm merge model.gguf --lora adapter -o merged.gguf",
      "  slm merge model.gguf --lora style=0.5 --lora facts -o merged.gguf --type f16"
    })
final class MergeCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      description = "A GGUF file (of a split one, the first part), or a name that was pulled.")
  Path model;

  @Option(
      names = "--lora",
      paramLabel = "PATH[=SCALE]",
      required = true,
      description = "A PEFT folder or a GGUF adapter, and a factor for it; several are added up.")
  List<ScaledAdapter> adapters;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      required = true,
      description = "Where to write.")
  Path out;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "Type of the changed matrices, like f16 or q8_0 (default: the one they have).")
  DType type;

  @Option(
      names = {"-q", "--quiet"},
      description = "Only results and errors, no progress.")
  boolean quiet;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Path path = ModelPath.resolve(model, spec, quiet);
    if (Files.exists(out) && Files.isSameFile(path, out)) {
      throw new EngineException(out + ": is the model itself, which is read while it is written");
    }
    ProgressListener progress =
        quiet ? ProgressListener.NONE : new ProgressBar(spec.commandLine().getErr());
    try (GgufFile file = GgufFile.open(path)) {
      LoraMerge.write(Models.build(file), adapters, Optional.ofNullable(type), out, progress);
    }
    return 0;
  }
}
