package org.slmruntime.benchmarks.compare;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Contestants that are all ready for one cell of one model, to be measured in turns. */
final class Heat implements AutoCloseable {
  private final Map<String, Ready> ready = new LinkedHashMap<>();

  /** Gets them ready, one after the other. */
  Heat(List<Contestant> contestants, Path file, Cell cell) {
    try {
      contestants.forEach(one -> ready.put(one.name(), one.prepare(file, cell)));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Measures each once: tokens per second by name. */
  Map<String, Double> round() {
    Map<String, Double> speeds = new LinkedHashMap<>();
    ready.forEach((name, one) -> speeds.put(name, one.measure()));
    return speeds;
  }

  @Override
  public void close() {
    ready.values().forEach(Ready::close);
  }
}
