package org.slmruntime.cpu.packed.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.natives.LargeMemory;

/**
 * An open file of packed weights, mapped. Threads may share it; after {@link #close} its memory may
 * not be read (the segment throws).
 */
public final class PackedFile implements AutoCloseable {
  private static final String READING = "reading packed weights";
  private static final String KEEPING = "keeping packed weights";
  private static final int ALIGNMENT = 64;

  private final Path path;
  private final RandomAccessFile file;
  private final long size;
  private final Arena arena = Arena.ofShared();
  private MemorySegment data;

  private PackedFile(Path path, RandomAccessFile file, long size) {
    this.path = path;
    this.file = file;
    this.size = size;
  }

  /**
   * Maps a file and checks all of it.
   *
   * @throws IOException if it cannot be read or is not, whole and intact, what the key says
   */
  static PackedFile open(Path path, PackedKey key, Team team, ProgressListener progress)
      throws IOException {
    PackedHeader header = new PackedHeader(key);
    long size = header.dataOffset() + key.bytes();
    PackedFile open = new PackedFile(path, new RandomAccessFile(path.toFile(), "r"), size);
    try {
      open.map(header, team, progress);
      return open;
    } catch (InternalError e) {
      // What the JVM makes of a failed read of mapped memory.
      open.close();
      throw new IOException("it cannot be read: " + e.getMessage(), e);
    } catch (IOException | RuntimeException | Error e) {
      open.close();
      throw e;
    }
  }

  private void map(PackedHeader header, Team team, ProgressListener progress) throws IOException {
    if (file.length() != size) {
      throw new IOException("it has " + file.length() + " bytes and should have " + size);
    }
    byte[] start = new byte[header.byteSize()];
    file.readFully(start);
    int[] sums = header.decode(start).orElseThrow(() -> new IOException("its header is broken"));
    MemorySegment whole = file.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
    data =
        LargeMemory.ofMapped(whole, arena)
            .asSlice(header.dataOffset(), size - header.dataOffset(), ALIGNMENT);
    if (!Arrays.equals(sums, PieceSums.of(data, team, READING, progress))) {
      throw new IOException("its sums are wrong");
    }
  }

  /**
   * Writes a file that {@link #open} takes. Nothing waits until it is on the disk: what is lost
   * when the machine stops makes the sums wrong.
   *
   * @param path of an empty file
   * @param data in native memory, exactly the key's bytes
   */
  static void write(
      Path path, PackedKey key, MemorySegment data, Team team, ProgressListener progress)
      throws IOException {
    PackedHeader header = new PackedHeader(key);
    int[] sums = PieceSums.of(data, team, KEEPING, ProgressListener.NONE);
    try (FileChannel out = FileChannel.open(path, StandardOpenOption.WRITE)) {
      write(out, 0, ByteBuffer.wrap(header.encode(sums)));
      // In pieces of whole huge pages: a page of the cache is as large as what is written at once.
      for (long at = 0; at < data.byteSize(); at += PieceSums.PIECE) {
        long n = Math.min(PieceSums.PIECE, data.byteSize() - at);
        write(out, header.dataOffset() + at, data.asSlice(at, n).asByteBuffer());
        progress.onProgress(KEEPING, at + n, data.byteSize());
      }
    }
  }

  private static void write(FileChannel out, long at, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      at += out.write(bytes, at);
    }
  }

  /** The packed weights, aligned to 64 bytes. */
  public MemorySegment data() {
    return data;
  }

  /**
   * Looks whether the file still has the bytes that it had. Reading past the end of a file that was
   * cut while it was mapped can end the process, so this is asked before every step.
   *
   * @throws BackendException if it has become shorter
   */
  public void requireWhole() {
    try {
      if (file.length() < size) {
        throw new BackendException(
            path + ": was cut from " + size + " to " + file.length() + " bytes while in use");
      }
    } catch (IOException e) {
      throw new BackendException(path + ": cannot be read any more: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
      try {
        file.close();
      } catch (IOException _) {
        // It was open for reading: nothing is lost.
      }
    }
  }
}
