package org.slmruntime.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.slmruntime.engine.EngineException;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.eval.EvaluatedModel;
import org.slmruntime.eval.Windows;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.model.Models;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * A text that a command scores.
 *
 * @param file where it is from
 * @param window most tokens that the model sees at once
 * @param options to open the model with
 */
record ScoredText(Path file, String text, int window, ModelOptions options) {
  private static final int DEFAULT_WINDOW = 512;

  /** Reads it, for windows of {@code --ctx} tokens. */
  static ScoredText read(Path file, ModelArguments model, CommandSpec spec) throws IOException {
    ModelOptions options = model.options();
    int window = model.context > 0 ? model.context : defaultWindow(model);
    if (window < Windows.Halves.SHORTEST) {
      throw new ParameterException(
          spec.commandLine(),
          "--ctx must be at least " + Windows.Halves.SHORTEST + " but is " + window);
    }
    return new ScoredText(file, TextInput.file(file), window, options.contextLength(window));
  }

  /** No longer than what the model was trained for, beyond which it would seem worse than it is. */
  private static int defaultWindow(ModelArguments model) {
    try (GgufFile gguf = GgufFile.open(model.path())) {
      int trained = Models.build(gguf).contextLength();
      return Math.clamp(trained, Windows.Halves.SHORTEST, DEFAULT_WINDOW);
    }
  }

  /** The text as the model's tokens, with what its texts begin with. */
  int[] ids(EvaluatedModel model) {
    int[] ids = model.tokenizer().encode(text, true, false);
    if (ids.length < 2) {
      throw new EngineException(file + ": has " + ids.length + " tokens; at least 2 are needed");
    }
    return ids;
  }
}
