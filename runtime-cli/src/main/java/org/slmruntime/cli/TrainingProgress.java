package org.slmruntime.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.slmruntime.train.loop.LossHistory;
import org.slmruntime.train.loop.TrainingListener;

/** Tells how a training goes: a bar with the losses, and a line for each validation. */
final class TrainingProgress implements TrainingListener {
  /** Means are of about so many steps. */
  private static final long SMOOTH = 10;

  private final PrintWriter err;
  private final boolean quiet;
  private final ProgressBar bar;
  private final long steps;
  private double loss;
  private double speed;
  private long seen;
  private double validation = Double.NaN;
  private long last = System.nanoTime();

  /**
   * @param steps of the whole training
   */
  TrainingProgress(PrintWriter err, boolean quiet, long steps) {
    this.err = err;
    this.quiet = quiet;
    this.bar = new ProgressBar(err);
    this.steps = steps;
  }

  @Override
  public void onStep(LossHistory.Training step, long tokens) {
    long now = System.nanoTime();
    seen++;
    loss += share() * (step.loss() - loss);
    speed += share() * (tokens * 1e9 / Math.max(1, now - last) - speed);
    last = now;
    if (quiet) {
      return;
    }
    String best = Double.isNaN(validation) ? "" : text(", validation %.3f", validation);
    bar.onProgress(text("loss %.3f%s, %.0f tokens/s", loss, best, speed), step.step(), steps);
  }

  @Override
  public void onValidation(LossHistory.Validation scored) {
    validation = scored.loss();
    last = System.nanoTime();
    if (quiet) {
      return;
    }
    bar.clear();
    String training = seen == 0 ? "" : text("loss %.4f, ", loss);
    err.println(
        text("slm: step %d of %d: %svalidation %.4f", scored.step(), steps, training, validation));
    err.flush();
  }

  /** Takes the bar away. */
  void end() {
    bar.clear();
  }

  /** What a step counts in the means; at first they are those of all steps. */
  private double share() {
    return 1.0 / Math.min(seen, SMOOTH);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
