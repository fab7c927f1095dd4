package org.slmruntime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.slmruntime.engine.EngineException;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.model.Models;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures how well a model predicts a text: windows of the context's length, the second half of
 * each scored, as llama.cpp's perplexity does.
 */
@Command(
    name = "perplexity",
    description = "Measure a model's perplexity on a text file.",
    footer = {"", "Example:", "  slm perplexity model.gguf --file wiki.txt --ctx 512"})
final class PerplexityCommand implements Callable<Integer> {
  private static final int DEFAULT_WINDOW = 512;
  private static final int ROWS = 64;

  /** The second half of a window must hold a token and the one that it predicts. */
  private static final int SHORTEST_WINDOW = 4;

  @Mixin ModelArguments model;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      required = true,
      description = "The text.")
  Path file;

  @Spec CommandSpec spec;

  private double total;
  private long scored;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    ModelOptions options = model.options().stepTokens(ROWS).maxOutputs(ROWS);
    int window = model.context > 0 ? model.context : defaultWindow();
    if (window < SHORTEST_WINDOW) {
      throw new ParameterException(
          spec.commandLine(), "--ctx must be at least " + SHORTEST_WINDOW + " but is " + window);
    }
    String text = TextInput.file(file);
    boolean showProgress = !model.quiet && Terminals.isError();
    try (ModelRunner runner = ModelRunner.open(model.path(), options.contextLength(window))) {
      Tokenizer tokenizer =
          Tokenizers.fromGguf(runner.model().file().metadata())
              .orElseThrow(() -> new EngineException(model.path() + ": has no tokenizer"));
      int[] ids = tokenizer.encode(text, true, false);
      if (ids.length < 2) {
        throw new EngineException(file + ": has " + ids.length + " tokens; at least 2 are needed");
      }
      int windows = Math.max(1, ids.length / window);
      for (int w = 0; w < windows; w++) {
        int[] part = Arrays.copyOfRange(ids, w * window, Math.min(ids.length, (w + 1) * window));
        if (tokenizer.addsBos()) {
          part[0] = tokenizer.bosId().getAsInt();
        }
        score(runner, part, ids.length < window ? 0 : window / 2);
        if (showProgress) {
          err.printf(Locale.ROOT, "\r[%d/%d] %.4f", w + 1, windows, Math.exp(total / scored));
          err.flush();
        }
      }
      if (showProgress) {
        err.println();
        err.flush();
      }
    }
    out.printf(Locale.ROOT, "perplexity %.4f over %d tokens%n", Math.exp(total / scored), scored);
    out.flush();
    return 0;
  }

  /** No longer than what the model was trained for, beyond which it would seem worse than it is. */
  private int defaultWindow() {
    try (GgufFile gguf = GgufFile.open(model.path())) {
      int trained = Models.build(gguf).contextLength();
      return Math.clamp(trained, SHORTEST_WINDOW, DEFAULT_WINDOW);
    }
  }

  /** Adds what the tokens after position {@code from} cost. */
  private void score(ModelRunner runner, int[] ids, int from) {
    int vocabulary = runner.model().vocabulary();
    try (ModelRunner.Sequence sequence = runner.newSequence()) {
      runner.forwardAll(
          sequence,
          ids,
          ROWS,
          (position, logits, offset) -> {
            if (position >= from && position + 1 < ids.length) {
              total -= logProbability(logits, offset, vocabulary, ids[position + 1]);
              scored++;
            }
          });
    }
  }

  private static double logProbability(float[] logits, int offset, int vocabulary, int id) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < vocabulary; i++) {
      max = Math.max(max, logits[offset + i]);
    }
    double sum = 0;
    for (int i = 0; i < vocabulary; i++) {
      sum += Math.exp(logits[offset + i] - max);
    }
    return logits[offset + id] - max - Math.log(sum);
  }
}
