package org.slmruntime.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * Which file a path led to, and in what state it was.
 *
 * @param path without symbolic links
 * @param bytes its size
 * @param modified when, as exactly as the file system knows
 * @param key what the file system calls it, in words; "null" where it has no such thing
 */
record FileIdentity(Path path, long bytes, FileTime modified, String key) {
  /** Empty if the file cannot be asked. */
  static Optional<FileIdentity> of(Path path) {
    try {
      Path real = path.toRealPath();
      BasicFileAttributes now = Files.readAttributes(real, BasicFileAttributes.class);
      String key = String.valueOf(now.fileKey());
      return Optional.of(new FileIdentity(real, now.size(), now.lastModifiedTime(), key));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return path + ", " + bytes + " bytes, modified " + modified + ", " + key;
  }
}
