package org.slmruntime.train.loop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.chart.Curve;
import org.slmruntime.train.chart.LineChart;

/**
 * How the loss went: one entry for each step and for each validation, in order. The table of it has
 * every digit, so that what is read is what was written. Not thread-safe.
 */
public final class LossHistory {
  private static final String HEAD = "step,loss,validation_loss,learning_rate,gradient_norm";
  private static final int COLUMNS = 5;

  /** Most lines that are read. */
  static final int MAX_LINES = 10_000_000;

  /**
   * One step.
   *
   * @param step counts from 1
   * @param loss mean cross-entropy of the step's tokens in nats, before the step
   * @param rate the learning rate
   * @param gradientNorm before it was clipped
   */
  public record Training(long step, double loss, double rate, double gradientNorm) {}

  /**
   * One validation.
   *
   * @param step the steps done before it; 0 for the model as it was
   * @param loss mean cross-entropy of the validation texts' tokens in nats
   */
  public record Validation(long step, double loss) {}

  private final List<Training> training = new ArrayList<>();
  private final List<Validation> validation = new ArrayList<>();

  public List<Training> training() {
    return Collections.unmodifiableList(training);
  }

  public List<Validation> validation() {
    return Collections.unmodifiableList(validation);
  }

  void add(Training step) {
    training.add(step);
  }

  void add(Validation scored) {
    validation.add(scored);
  }

  /** Comma-separated values with a head line: a line for each step, 0 first if it was validated. */
  public String toCsv() {
    Map<Long, String[]> lines = new TreeMap<>();
    for (Training t : training) {
      String[] line = line(lines, t.step);
      line[1] = Double.toString(t.loss);
      line[3] = Double.toString(t.rate);
      line[4] = Double.toString(t.gradientNorm);
    }
    validation.forEach(v -> line(lines, v.step)[2] = Double.toString(v.loss));
    StringBuilder csv = new StringBuilder(HEAD).append('\n');
    lines.values().forEach(line -> csv.append(String.join(",", line)).append('\n'));
    return csv.toString();
  }

  private static String[] line(Map<Long, String[]> lines, long step) {
    return lines.computeIfAbsent(step, s -> new String[] {Long.toString(s), "", "", "", ""});
  }

  /** A chart of both losses over the steps. */
  public String toSvg(String title) {
    Curve steps =
        new Curve("training", training.stream().map(t -> new Curve.Point(t.step, t.loss)).toList());
    Curve validations =
        new Curve(
            "validation", validation.stream().map(v -> new Curve.Point(v.step, v.loss)).toList());
    return new LineChart(title, "step", "loss (nats per token)", List.of(steps, validations)).svg();
  }

  /**
   * Reads what {@link #toCsv} wrote.
   *
   * @throws TrainException naming the line that is none of a history
   */
  public static LossHistory ofCsv(String csv) {
    LossHistory history = new LossHistory();
    List<String> lines = csv.lines().limit(MAX_LINES + 1L).toList();
    if (lines.isEmpty() || !lines.getFirst().equals(HEAD) || lines.size() > MAX_LINES) {
      throw new TrainException("no history of a training begins with \"" + HEAD + "\"");
    }
    long before = -1;
    for (int i = 1; i < lines.size(); i++) {
      try {
        before = history.addLine(lines.get(i), before);
      } catch (IllegalArgumentException e) {
        throw new TrainException("line " + (i + 1) + " of a training's history is broken", e);
      }
    }
    return history;
  }

  private long addLine(String line, long before) {
    String[] values = line.split(",", -1);
    if (values.length != COLUMNS) {
      throw new IllegalArgumentException(values.length + " columns");
    }
    long step = Long.parseLong(values[0]);
    if (step <= before) {
      throw new IllegalArgumentException("step " + step + " after " + before);
    }
    if (!values[1].isEmpty()) {
      add(new Training(step, number(values[1]), number(values[3]), number(values[4])));
    }
    if (!values[2].isEmpty()) {
      add(new Validation(step, number(values[2])));
    }
    return step;
  }

  private static double number(String text) {
    return Double.parseDouble(text);
  }
}
