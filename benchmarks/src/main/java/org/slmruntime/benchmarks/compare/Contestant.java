package org.slmruntime.benchmarks.compare;

import java.nio.file.Path;
import org.slmruntime.benchmarks.models.ModelFolder.Model;

/** A program that runs models. */
interface Contestant {
  String name();

  /** Whether it can do this. */
  default boolean enters(Model model, Cell cell) {
    return true;
  }

  /** Loads the file, fills the cache and warms up. */
  Ready prepare(Path file, Cell cell);
}
