package org.slmruntime.hub;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A second name for a blob: a relative link, or what the file system has instead. */
final class SnapshotLink {
  private SnapshotLink() {}

  @FunctionalInterface
  private interface Linking {
    Path make() throws IOException;
  }

  /**
   * Makes or replaces a name at once, so that nobody sees half of a copy.
   *
   * @param entry its folder exists
   */
  static void make(Path entry, Path blob) throws IOException {
    Path unfinished = Disk.unfinished(entry);
    try {
      Path relative = entry.getParent().relativize(blob);
      boolean linked =
          works(() -> Files.createSymbolicLink(unfinished, relative))
              || works(() -> Files.createLink(unfinished, blob));
      if (!linked) {
        Files.copy(blob, unfinished);
      }
      Files.move(unfinished, entry, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /** Windows lets only some users make links, and some file systems have none. */
  private static boolean works(Linking linking) throws IOException {
    try {
      linking.make();
      return true;
    } catch (UnsupportedOperationException | FileSystemException _) {
      return false;
    }
  }
}
