package org.slmruntime.format;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/**
 * Writes files that appear whole or not at all: to the side first, on the disk, then renamed over
 * what was there. A process or machine that stops meanwhile leaves the old file.
 */
public final class AtomicFile {
  private static final int BUFFER = 1 << 16;

  private AtomicFile() {}

  /** What a file is to have in it. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Creates or replaces a file.
   *
   * @throws FormatException if it cannot be written; then nothing is left of it
   */
  public static void write(Path path, Content content) {
    Path target = path.toAbsolutePath();
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      writeToDisk(temporary, content);
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new FormatException(path + ": cannot be written: " + reason(e), e);
    } finally {
      deleteQuietly(temporary);
    }
  }

  /** Not through a channel, which an interrupt would close: the last checkpoint must be written. */
  private static void writeToDisk(Path file, Content content) throws IOException {
    if (!Files.isDirectory(file.getParent())) {
      throw new NoSuchFileException(file.getParent().toString());
    }
    try (FileOutputStream disk = new FileOutputStream(file.toFile())) {
      OutputStream out = new BufferedOutputStream(disk, BUFFER);
      content.writeTo(out);
      out.flush();
      disk.getFD().sync();
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such folder";
      case AccessDeniedException _ -> "permission denied";
      default -> String.valueOf(e.getMessage());
    };
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      // The move has taken it, or the folder is gone: nothing to clean up.
    }
  }
}
