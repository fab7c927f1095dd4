package org.slmruntime.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** Finds the data of development and CI that lies beside a checkout, in {@code shared/}. */
public final class SharedData {
  private SharedData() {}

  /** The file or folder under shared/, or empty where it is not (a plain clone). */
  public static Optional<Path> find(String relative) {
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      Path shared = p.resolve("shared");
      if (Files.exists(shared.resolve("design.md"))) {
        return Optional.of(shared.resolve(relative)).filter(Files::exists);
      }
    }
    return Optional.empty();
  }

  /** The same, or the test is skipped. */
  public static Path require(String relative) {
    return find(relative).orElseGet(() -> Assumptions.abort("shared/" + relative + " is not here"));
  }
}
