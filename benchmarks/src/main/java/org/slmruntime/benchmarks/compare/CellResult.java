package org.slmruntime.benchmarks.compare;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.slmruntime.json.Json;

/**
 * What one cell of one model gave.
 *
 * @param commit of slm
 * @param threads of each contestant
 * @param speeds tokens per second in each round, by contestant
 */
record CellResult(
    String model,
    String format,
    String cell,
    String commit,
    int threads,
    Map<String, List<Double>> speeds) {

  /** Whether it is the same measurement, perhaps made at another time. */
  boolean replaces(CellResult other) {
    return model.equals(other.model)
        && format.equals(other.format)
        && cell.equals(other.cell)
        && threads == other.threads;
  }

  /** The middle of a contestant's speeds, or empty if it was not measured. */
  OptionalDouble median(String contestant) {
    List<Double> measured = speeds.getOrDefault(contestant, List.of());
    return measured.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(median(measured));
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = sorted.length;
    return Arrays.stream(sorted, (n - 1) / 2, n / 2 + 1).average().orElseThrow();
  }

  /** One contestant's median over another's, or empty if one was not measured. */
  OptionalDouble ratio(String contestant, String other) {
    OptionalDouble above = median(contestant);
    OptionalDouble below = median(other);
    return above.isPresent() && below.isPresent()
        ? OptionalDouble.of(above.getAsDouble() / below.getAsDouble())
        : OptionalDouble.empty();
  }

  /** The same of each round: how far they lie apart tells how quiet the machine was. */
  DoubleSummaryStatistics ratios(String contestant, String other) {
    List<Double> above = speeds.getOrDefault(contestant, List.of());
    List<Double> below = speeds.getOrDefault(other, List.of());
    return IntStream.range(0, Math.min(above.size(), below.size()))
        .mapToDouble(round -> above.get(round) / below.get(round))
        .summaryStatistics();
  }

  Map<String, Object> asJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", model);
    json.put("format", format);
    json.put("cell", cell);
    json.put("commit", commit);
    json.put("threads", threads);
    json.put("tokens_per_second", speeds);
    return json;
  }

  static CellResult fromJson(Object value) {
    Map<String, Object> json = Json.asObject(value, "cell");
    Map<String, List<Double>> speeds = new LinkedHashMap<>();
    Json.asObject(json.get("tokens_per_second"), "tokens_per_second")
        .forEach((name, measured) -> speeds.put(name, numbers(name, measured)));
    return new CellResult(
        Json.asString(json.get("model"), "model"),
        Json.asString(json.get("format"), "format"),
        Json.asString(json.get("cell"), "cell"),
        Json.asString(json.get("commit"), "commit"),
        (int) number(json.get("threads")),
        speeds);
  }

  private static List<Double> numbers(String name, Object value) {
    return Json.asArray(value, name).stream().map(CellResult::number).toList();
  }

  private static double number(Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException("must be a number but is " + value);
  }
}
