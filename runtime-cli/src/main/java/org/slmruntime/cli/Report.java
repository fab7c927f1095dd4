package org.slmruntime.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slmruntime.eval.Estimate;
import org.slmruntime.eval.EvaluatedModel;
import org.slmruntime.json.Json;
import org.slmruntime.lora.ScaledAdapter;

/** Results in order, as a table for people or as one JSON object. */
final class Report {
  private final Map<String, Object> json = new LinkedHashMap<>();
  private final Map<String, String> table = new LinkedHashMap<>();

  Report() {}

  /**
   * Begins with what was evaluated on what.
   *
   * @param adapters null if there are none
   */
  static Report of(EvaluatedModel model, List<ScaledAdapter> adapters) {
    Report report = new Report().fact("model", model.runner().model().file().source());
    if (adapters != null) {
      report.fact("adapters", adapters.stream().map(a -> a.path() + "=" + a.scale()).toList());
    }
    return report.fact("backend", model.runner().backendDescription());
  }

  /** What people need not be told, for they gave it on the command line. */
  Report fact(String key, Object value) {
    json.put(key, value);
    return this;
  }

  Report text(String key, String label, String value) {
    json.put(key, value);
    table.put(label, value);
    return this;
  }

  Report count(String key, String label, long value) {
    json.put(key, value);
    table.put(label, Long.toString(value));
    return this;
  }

  Report value(String key, String label, int decimals, double value) {
    json.put(key, orNull(value));
    table.put(label, shown(decimals, value));
    return this;
  }

  Report estimate(String key, String label, int decimals, Estimate estimate) {
    value(key, label, decimals, estimate.mean());
    json.put(key + "_stderr", orNull(estimate.standardError()));
    if (Double.isFinite(estimate.standardError())) {
      table.merge(label, " +/- " + shown(decimals, estimate.standardError()), String::concat);
    }
    return this;
  }

  /** JSON has no other numbers. */
  private static Double orNull(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static String shown(int decimals, double value) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  void print(PrintWriter out, boolean asJson) {
    if (asJson) {
      out.println(Json.write(json));
    } else {
      int width = table.keySet().stream().mapToInt(String::length).max().orElse(0);
      table.forEach(
          (label, value) -> out.println(label + " ".repeat(width + 2 - label.length()) + value));
    }
    out.flush();
  }
}
