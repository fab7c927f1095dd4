package org.slmruntime.benchmarks.compare;

import java.nio.file.Path;
import org.slmruntime.benchmarks.models.ModelFolder.Model;

/** A program that runs models, started anew for each measurement. */
interface Contestant {
  String name();

  /** Whether it can do this. */
  default boolean enters(Model model, Cell cell) {
    return true;
  }

  /**
   * Loads the file, warms up, and measures once.
   *
   * @return tokens per second
   */
  double measure(Path file, Cell cell);
}
