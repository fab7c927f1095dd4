package org.slmruntime.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.slmruntime.train.loop.LossHistory;
import org.slmruntime.train.loop.TrainingListener;

/** Tells how a training goes: a bar with the losses, and a line for each validation. */
final class TrainingProgress implements TrainingListener {
  private static final double SMOOTH = 0.9;

  private final PrintWriter err;
  private final boolean quiet;
  private final ProgressBar bar;
  private final long steps;
  private double loss = Double.NaN;
  private double speed = Double.NaN;
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
    loss = smooth(loss, step.loss());
    speed = smooth(speed, tokens * 1e9 / Math.max(1, now - last));
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
    String training = Double.isNaN(loss) ? "" : text("loss %.4f, ", loss);
    err.println(
        text("slm: step %d of %d: %svalidation %.4f", scored.step(), steps, training, validation));
    err.flush();
  }

  /** Takes the bar away. */
  void end() {
    bar.clear();
  }

  private static double smooth(double mean, double value) {
    return Double.isNaN(mean) ? value : SMOOTH * mean + (1 - SMOOTH) * value;
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
