package org.slmruntime.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.slmruntime.format.AtomicFile;
import org.slmruntime.format.FormatException;

/** A file with given bytes in a folder, named by them, so that versions lie beside each other. */
final class UnpackedFile {
  private final byte[] bytes;
  private final Path folder;
  private final Path file;

  UnpackedFile(Path folder, byte[] bytes) {
    CRC32 sum = new CRC32();
    sum.update(bytes);
    this.bytes = bytes;
    this.folder = folder;
    this.file = folder.resolve(String.format("slm-demo-%08x.gguf", sum.getValue()));
  }

  /** Its path; where it is missing, cut or changed, it is written. Who has mapped it keeps that. */
  Path path() {
    try {
      if (!isThere()) {
        Files.createDirectories(folder);
        AtomicFile.write(file, out -> out.write(bytes));
      }
      return file;
    } catch (IOException | FormatException e) {
      throw new DemoModelException(
          folder
              + ": the demo model cannot be unpacked there; XDG_CACHE_HOME names another folder: "
              + e,
          e);
    }
  }

  private boolean isThere() throws IOException {
    return Files.isRegularFile(file)
        && Files.size(file) == bytes.length
        && Arrays.equals(Files.readAllBytes(file), bytes);
  }
}
