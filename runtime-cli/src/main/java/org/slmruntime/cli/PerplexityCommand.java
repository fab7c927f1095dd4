package org.slmruntime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.slmruntime.eval.EvaluatedModel;
import org.slmruntime.eval.Perplexity;
import org.slmruntime.eval.TextScorer;
import org.slmruntime.eval.Windows;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
  @Mixin ModelArguments model;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      required = true,
      description = "The text.")
  Path file;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    ScoredText text = ScoredText.read(file, model, spec);
    Perplexity result;
    try (EvaluatedModel opened = EvaluatedModel.open(model.path(), text.options())) {
      result = score(opened, text.ids(opened), new Windows.Halves(text.window(), opened.bos()));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, "perplexity %.4f over %d tokens%n", result.value(), result.tokens());
    out.flush();
    return 0;
  }

  /** Scores all windows; a terminal shows the perplexity so far. */
  private Perplexity score(EvaluatedModel opened, int[] ids, Windows windows) {
    PrintWriter err = spec.commandLine().getErr();
    boolean showProgress = !model.quiet && Terminals.isError();
    TextScorer scorer = new TextScorer(opened);
    int count = windows.count(ids.length);
    for (int w = 0; w < count; w++) {
      scorer.score(windows.window(ids, w));
      if (showProgress) {
        err.printf(Locale.ROOT, "\r[%d/%d] %.4f", w + 1, count, scorer.perplexity().value());
        err.flush();
      }
    }
    if (showProgress) {
      err.println();
      err.flush();
    }
    return scorer.perplexity();
  }
}
