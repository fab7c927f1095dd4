package org.slmruntime.format;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file that is mapped and held open, not as a channel: a thread that is interrupted while it asks
 * a channel anything closes it. Threads may share it.
 */
public final class MappedFile implements AutoCloseable {
  private final Path path;
  private final Optional<FileIdentity> identity;
  private final RandomAccessFile file;
  private final MemorySegment bytes;

  /**
   * @param identity as it was just before
   */
  private MappedFile(
      Path path, Optional<FileIdentity> identity, RandomAccessFile file, MemorySegment bytes) {
    this.path = path;
    this.identity = identity;
    this.file = file;
    this.bytes = bytes;
  }

  /**
   * Maps a whole file for reading.
   *
   * @param kind what it should be, for messages, e.g. {@code GGUF}
   * @param arena of the mapping; who owns it closes it and this
   * @throws FormatException if there is no such file, or it is empty or cannot be read
   */
  public static MappedFile open(Path path, String kind, Arena arena) {
    if (Files.isDirectory(path)) {
      throw new FormatException(path + ": is a folder, not a " + kind + " file");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new FormatException(path + ": is not a regular file");
    }
    try {
      Optional<FileIdentity> identity = FileIdentity.of(path);
      RandomAccessFile file = openForReading(path);
      try {
        return new MappedFile(path, identity, file, map(path, file, arena));
      } catch (IOException | RuntimeException | Error e) {
        file.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      throw new FormatException(path + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new FormatException(path + ": permission denied", e);
    } catch (IOException e) {
      throw new FormatException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static RandomAccessFile openForReading(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    if (!Files.isReadable(path)) {
      throw new AccessDeniedException(path.toString());
    }
    return new RandomAccessFile(path.toFile(), "r");
  }

  private static MemorySegment map(Path path, RandomAccessFile file, Arena arena)
      throws IOException {
    long size = file.length();
    if (size == 0) {
      throw new FormatException(path + ": the file is empty");
    }
    MemorySegment bytes = file.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
    if (file.length() != size) {
      throw new FormatException(path + ": the file changed its size while it was opened");
    }
    return bytes;
  }

  /** The path as it was given, for messages. */
  public String source() {
    return path.toString();
  }

  /** All bytes; readable until the arena is closed. */
  public MemorySegment bytes() {
    return bytes;
  }

  /** Says which file this is; empty if it is not the one that was opened any more. */
  public Optional<String> identity() {
    return identity.filter(_ -> identity.equals(FileIdentity.of(path))).map(FileIdentity::toString);
  }

  /**
   * See {@link ModelFile#requireWhole}.
   *
   * @throws FormatException if it has become shorter
   */
  public void requireWhole() {
    long length;
    try {
      length = file.length();
    } catch (IOException e) {
      throw new FormatException(source() + ": cannot be read any more: " + e.getMessage(), e);
    }
    if (length < bytes.byteSize()) {
      throw new FormatException(
          source()
              + ": was cut from "
              + bytes.byteSize()
              + " to "
              + length
              + " bytes while in use");
    }
  }

  /** Closes the file, not the mapping, which is the arena's. */
  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException _) {
      // It was open for reading: nothing is lost.
    }
  }
}
