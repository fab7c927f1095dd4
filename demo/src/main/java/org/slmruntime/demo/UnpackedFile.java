package org.slmruntime.demo;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32;

/** A file with given bytes in a folder, named by them, so that versions lie beside each other. */
final class UnpackedFile {
  private final byte[] bytes;
  private final Path file;

  UnpackedFile(Path folder, byte[] bytes) {
    CRC32 sum = new CRC32();
    sum.update(bytes);
    this.bytes = bytes;
    this.file = folder.resolve(String.format("slm-demo-%08x.gguf", sum.getValue()));
  }

  /** Its path; where it is missing, cut or changed, it is written whole or not at all. */
  Path path() {
    try {
      if (!isThere()) {
        write();
      }
      return file;
    } catch (IOException e) {
      throw new DemoModelException(
          file
              + ": the demo model cannot be unpacked there: "
              + reason(e)
              + "; XDG_CACHE_HOME names another folder",
          e);
    }
  }

  /** Others could have changed the file, but its reader maps it and must find what was checked. */
  private boolean isThere() throws IOException {
    return Files.isRegularFile(file)
        && Files.size(file) == bytes.length
        && Arrays.equals(Files.readAllBytes(file), bytes);
  }

  private void write() throws IOException {
    Files.createDirectories(file.getParent());
    Path unfinished = file.resolveSibling("." + UUID.randomUUID() + ".tmp");
    try {
      Files.write(unfinished, bytes, StandardOpenOption.CREATE_NEW);
      // Who has mapped an older file keeps it.
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static String reason(IOException e) {
    return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e);
  }
}
