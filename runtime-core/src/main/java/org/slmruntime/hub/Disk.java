package org.slmruntime.hub;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Room on the cache's disk, and its failures as messages. */
final class Disk {
  private Disk() {}

  /**
   * Makes sure that so many bytes fit.
   *
   * @param folder an existing one
   * @param bytes that are still to come
   * @param what they are, for the message
   */
  static void require(Path folder, long bytes, String what) {
    long usable;
    try {
      usable = Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      throw failure(folder, "its disk cannot be asked", e);
    }
    if (bytes > usable) {
      throw new HubException(
          what
              + " needs "
              + bytes
              + " bytes more, but the disk of "
              + folder
              + " has only "
              + usable
              + " left; make room or name another folder in HF_HUB_CACHE");
    }
  }

  /**
   * A new name beside a file, to write what will replace it. Unlike a temporary file's it gives
   * others the rights that the user gives them.
   */
  static Path unfinished(Path file) {
    String name = "." + file.getFileName() + "." + ProcessHandle.current().pid();
    return file.resolveSibling(name + "." + System.nanoTime() + ".tmp");
  }

  /** What failed at a file, as a message. */
  static HubException failure(Path file, String what, IOException e) {
    return new HubException(file + ": " + what + ": " + reason(e), e);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case ClosedByInterruptException _ -> "interrupted";
      case AccessDeniedException _ -> "permission denied";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> e.getMessage() == null ? "it failed" : e.getMessage();
    };
  }
}
