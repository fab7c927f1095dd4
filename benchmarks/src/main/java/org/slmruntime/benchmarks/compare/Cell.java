package org.slmruntime.benchmarks.compare;

import java.util.List;
import org.slmruntime.benchmarks.BenchmarkException;

/**
 * What is timed: either a prefill or a decode, by the one of the two that is not 0.
 *
 * @param prompt tokens of the prefill
 * @param decode tokens of each sequence
 * @param batch sequences decoded at once
 * @param depth tokens in the cache before
 */
record Cell(String name, int prompt, int decode, int batch, int depth) {
  /** The cells that are compared. */
  static final List<Cell> ALL =
      List.of(
          new Cell("prefill", 512, 0, 1, 0),
          new Cell("decode", 0, 128, 1, 0),
          new Cell("depth", 0, 64, 1, 4096),
          new Cell("batch", 0, 32, 8, 0));

  static Cell named(String name) {
    return ALL.stream()
        .filter(cell -> cell.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new BenchmarkException(
                    "there is no cell \""
                        + name
                        + "\"; known are "
                        + String.join(", ", ALL.stream().map(Cell::name).toList())));
  }

  /** Which of a bench's two figures is this cell's. */
  String key() {
    return prompt > 0 ? "prefill_tokens_per_second" : "decode_tokens_per_second";
  }

  /** For people. */
  String title() {
    if (prompt > 0) {
      return "prefill " + prompt;
    }
    String at = depth > 0 ? " at depth " + depth : "";
    return "decode " + decode + (batch > 1 ? " x " + batch : "") + at;
  }

  @Override
  public String toString() {
    return name;
  }
}
