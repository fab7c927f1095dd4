package org.slmruntime.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * The folder {@code shared/} with recorded answers, beside or above the checkout. A fresh clone
 * does not have it: what needs it is skipped, with that reason.
 */
public final class SharedData {
  private SharedData() {}

  /** A file or folder under {@code shared/}, if it is there. */
  public static Optional<Path> find(String relative) {
    for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      Path candidate = dir.resolve("shared").resolve(relative);
      if (Files.exists(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** The same; the test is skipped where it is absent. */
  public static Path require(String relative) {
    Optional<Path> found = find(relative);
    Assumptions.assumeTrue(found.isPresent(), "shared/" + relative + " is not here");
    return found.get();
  }
}
