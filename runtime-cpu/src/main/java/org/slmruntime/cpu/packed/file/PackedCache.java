package org.slmruntime.cpu.packed.file;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.function.Consumer;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.cpu.parallel.Team;

/**
 * A folder of packed weights. Whatever fails here is told and done without: weights can always be
 * packed. Processes may share it; immutable.
 */
public final class PackedCache {
  /** Most bytes of all files of a folder. */
  private static final long LIMIT = 16L << 30;

  private final PackedFolder folder;
  private final Consumer<String> notice;

  /**
   * @param path need not exist yet
   * @param notice told in one line why something could not be read or is not kept
   */
  public PackedCache(Path path, Consumer<String> notice) {
    this(path, LIMIT, notice);
  }

  PackedCache(Path path, long limit, Consumer<String> notice) {
    this.folder = new PackedFolder(path, limit);
    this.notice = notice;
  }

  /** The weights of this key, if they are kept. The file is the caller's to close. */
  public Optional<PackedFile> find(PackedKey key, Team team, ProgressListener progress) {
    Path file = folder.file(key);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      PackedFile found = PackedFile.open(file, key, team, progress);
      PackedFolder.touch(file);
      return Optional.of(found);
    } catch (IOException e) {
      notice.accept("packed weights are not read from " + file + ": " + reason(e));
      return Optional.empty();
    }
  }

  /**
   * Keeps weights for the next time.
   *
   * @param data in native memory, exactly the key's bytes
   */
  public void keep(PackedKey key, MemorySegment data, Team team, ProgressListener progress) {
    try {
      folder.makeRoom(key, new PackedHeader(key).dataOffset() + key.bytes());
      Path unfinished = folder.newFile();
      try {
        PackedFile.write(unfinished, key, data, team, progress);
        Files.move(unfinished, folder.file(key), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(unfinished);
      }
    } catch (IOException e) {
      notice.accept("packed weights are not kept in " + folder.path() + ": " + reason(e));
    }
  }

  /** Some exceptions say no more than the file's name. */
  private static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _ -> "it is not a folder";
      default -> e.getMessage() == null ? "it was interrupted" : e.getMessage();
    };
  }
}
