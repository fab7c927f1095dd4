package org.slmruntime.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.slmruntime.engine.EngineException;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.format.npy.NpyFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes the logits at every position. */
@Command(
    name = "logits",
    description = "Write float32 logits at every position as a NumPy file of shape [T, V].",
    footer = {
      "",
      "Examples:",
      "  slm logits model.gguf --ids 1,403,407 --out logits.npy",
      "  slm logits model.gguf --ids \"$(slm tokenize model.gguf Hello --special)\" --out hello.npy"
    })
final class LogitsCommand implements Callable<Integer> {
  private static final int MAX_CHUNK = 64;

  @Mixin ModelArguments model;

  @Option(
      names = "--ids",
      paramLabel = "ID,ID,...",
      required = true,
      description = "Token ids from position 0 on, as slm tokenize prints them.")
  Values.TokenIds tokens;

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "Where to write.")
  Path out;

  @Option(
      names = "--chunk",
      paramLabel = "N",
      defaultValue = "64",
      description = "Tokens per step, at most 64; 1 is token by token (default: 64).")
  int chunk;

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    if (chunk < 1 || chunk > MAX_CHUNK) {
      throw new ParameterException(
          spec.commandLine(), "--chunk must be in 1.." + MAX_CHUNK + " but is " + chunk);
    }
    int[] ids = tokens.ids();
    ModelOptions options =
        model
            .options()
            .contextLength(model.context > 0 ? model.context : ids.length)
            .stepTokens(MAX_CHUNK)
            .maxOutputs(MAX_CHUNK);
    try (ModelRunner runner = ModelRunner.open(model.path(), options)) {
      int vocabulary = runner.model().vocabulary();
      check(ids, vocabulary, runner.contextLength());
      try (ModelRunner.Sequence sequence = runner.newSequence();
          NpyFile.MatrixWriter writer = new NpyFile.MatrixWriter(out, ids.length, vocabulary)) {
        runner.forwardAll(
            sequence, ids, chunk, (_, logits, offset) -> writer.writeRow(logits, offset));
      }
    }
    return 0;
  }

  /** Before the file is written, so that none is left half done. */
  private static void check(int[] ids, int vocabulary, int context) {
    if (ids.length > context) {
      throw new EngineException(
          ids.length + " token ids are more than the context of " + context + " tokens");
    }
    for (int id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw new EngineException("token id " + id + " is not in 0.." + (vocabulary - 1));
      }
    }
  }
}
