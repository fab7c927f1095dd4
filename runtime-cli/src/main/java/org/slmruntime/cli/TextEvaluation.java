package org.slmruntime.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.eval.Divergence;
import org.slmruntime.eval.EvaluatedModel;
import org.slmruntime.eval.EvaluationException;
import org.slmruntime.eval.Perplexity;
import org.slmruntime.eval.TextComparison;
import org.slmruntime.eval.TextScorer;
import org.slmruntime.eval.Window;
import org.slmruntime.eval.Windows;

/** {@code slm eval --text}: perplexity, and divergence where a reference is given. */
final class TextEvaluation {
  private static final int DECIMALS = 4;

  /** Divergences of good quantizations are small. */
  private static final int FINE_DECIMALS = 6;

  private final EvalCommand command;

  TextEvaluation(EvalCommand command) {
    this.command = command;
  }

  Report run() throws IOException {
    ScoredText text = ScoredText.read(command.text, command.model, command.spec);
    if (command.stride != null && (command.stride < 1 || command.stride >= text.window())) {
      throw command.usage(
          "--stride must be in 1.." + (text.window() - 1) + " but is " + command.stride);
    }
    try (EvaluatedModel model = EvaluatedModel.open(command.model.path(), text.options())) {
      Report report = begin(model, text);
      if (command.reference == null) {
        TextScorer scorer = new TextScorer(model);
        score(model, text, scorer::score);
        add(report, scorer.perplexity());
      } else {
        add(report, compare(model, text, report));
      }
      return report;
    }
  }

  private Report begin(EvaluatedModel model, ScoredText text) {
    Report report = Report.of(model, command.model.adapters);
    report.fact("text", text.file().toString()).fact("window", text.window());
    if (command.stride != null) {
      report.fact("stride", command.stride);
    }
    return report;
  }

  private void score(EvaluatedModel model, ScoredText text, Consumer<Window> scorer) {
    int[] ids = text.ids(model);
    Windows windows =
        command.stride == null
            ? new Windows.Halves(text.window(), model.bos())
            : new Windows.Sliding(text.window(), command.stride);
    ProgressListener progress = command.progress();
    int count = windows.count(ids.length);
    for (int w = 0; w < count; w++) {
      scorer.accept(windows.window(ids, w));
      progress.onProgress("scoring", w + 1, count);
    }
  }

  private Divergence compare(EvaluatedModel model, ScoredText text, Report report) {
    try (EvaluatedModel reference = openReference(model, text)) {
      report.fact("reference", reference.runner().model().file().source());
      command.notice(
          "both models are in memory: "
              + holds(model)
              + " and "
              + holds(reference)
              + " beside their files");
      TextComparison comparison = new TextComparison(model, reference);
      score(model, text, comparison::compare);
      return comparison.divergence();
    }
  }

  private EvaluatedModel openReference(EvaluatedModel model, ScoredText text) {
    Path path = command.model.path(command.reference);
    try {
      return EvaluatedModel.open(path, text.options().adapters(List.of()));
    } catch (BackendException e) {
      throw new EvaluationException(
          path
              + ": cannot be loaded beside the model, which takes "
              + holds(model)
              + " (both are in memory at once): "
              + e.getMessage(),
          e);
    }
  }

  private static String holds(EvaluatedModel model) {
    return Output.bytes(model.runner().memory().allocated());
  }

  private static void add(Report report, Perplexity result) {
    report
        .count("tokens", "tokens scored", result.tokens())
        .estimate("perplexity", "perplexity", DECIMALS, result.estimate());
  }

  private static void add(Report report, Divergence result) {
    add(report, result.model());
    report
        .estimate(
            "reference_perplexity",
            "perplexity of the reference",
            DECIMALS,
            result.reference().estimate())
        .estimate(
            "log_likelihood_difference",
            "log-likelihood less the reference's",
            FINE_DECIMALS,
            result.logLikelihoodDifference())
        .estimate("kl_mean", "KL divergence, mean", FINE_DECIMALS, result.mean())
        .value("kl_median", "KL divergence, median", FINE_DECIMALS, result.median())
        .value("kl_99", "KL divergence, 99 %", FINE_DECIMALS, result.percentile99())
        .value("kl_max", "KL divergence, maximum", FINE_DECIMALS, result.max())
        .estimate("same_top", "same most likely token", DECIMALS, result.sameTop());
  }
}
