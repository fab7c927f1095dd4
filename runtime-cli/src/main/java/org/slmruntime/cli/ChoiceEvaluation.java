package org.slmruntime.cli;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.eval.ChoiceAccuracy;
import org.slmruntime.eval.ChoiceEncoder;
import org.slmruntime.eval.ChoiceFile;
import org.slmruntime.eval.ChoiceQuestion;
import org.slmruntime.eval.ChoiceScorer;
import org.slmruntime.eval.EncodedChoices;
import org.slmruntime.eval.EvaluatedModel;

/** {@code slm eval --choices}: accuracy on multiple-choice questions. */
final class ChoiceEvaluation {
  private static final int DECIMALS = 4;

  /** What templates take for today, so that a result does not depend on the day. */
  static final Clock TODAY = Clock.fixed(Instant.parse("2025-01-01T00:00:00Z"), ZoneOffset.UTC);

  private final EvalCommand command;

  ChoiceEvaluation(EvalCommand command) {
    this.command = command;
  }

  Report run() throws IOException {
    ModelOptions options = command.model.options();
    List<ChoiceQuestion> questions = ChoiceFile.read(command.choices);
    try (EvaluatedModel model = EvaluatedModel.open(command.model.path(), options)) {
      ChoiceEncoder encoder =
          command.chat ? ChoiceEncoder.chat(model, TODAY) : ChoiceEncoder.plain(model);
      // All before any is asked: a bad one at the end must not cost an hour.
      List<EncodedChoices> encoded = questions.stream().map(encoder::encode).toList();
      Report report = Report.of(model, command.model.adapters);
      report.fact("choices", command.choices.toString()).fact("chat", command.chat);
      add(report, score(model, encoded));
      return report;
    }
  }

  private ChoiceAccuracy score(EvaluatedModel model, List<EncodedChoices> questions) {
    ProgressListener progress = command.progress();
    try (ChoiceScorer scorer = new ChoiceScorer(model)) {
      for (int i = 0; i < questions.size(); i++) {
        scorer.score(questions.get(i));
        progress.onProgress("asking", i + 1L, questions.size());
      }
      return scorer.accuracy();
    }
  }

  private static void add(Report report, ChoiceAccuracy result) {
    report
        .count("questions", "questions", result.questions())
        .estimate("acc", "accuracy", DECIMALS, result.accuracy())
        .estimate("acc_norm", "accuracy per character", DECIMALS, result.normalizedAccuracy())
        .value("chance", "accuracy of guessing", DECIMALS, result.chance());
  }
}
