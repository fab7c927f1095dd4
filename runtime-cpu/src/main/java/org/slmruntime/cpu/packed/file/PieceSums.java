package org.slmruntime.cpu.packed.file;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.cpu.parallel.Region;
import org.slmruntime.cpu.parallel.Team;

/** Sums (CRC32C) of the pieces of large memory, by all threads of a team. */
final class PieceSums implements Region {
  static final int PIECE = 4 << 20;

  /**
   * Bytes that are copied into the Java heap before they are summed. Of mapped memory Java can copy
   * with safety: where the file has none any more, copying throws and summing would end the
   * process. What is copied comes from the cache, so that it costs nothing.
   */
  private static final int WINDOW = 1 << 16;

  private final MemorySegment data;
  private final String task;
  private final ProgressListener progress;
  private final AtomicLong done = new AtomicLong();
  private final byte[][] windows;
  private final int[] sums;

  private PieceSums(MemorySegment data, int threads, String task, ProgressListener progress) {
    this.data = data;
    this.task = task;
    this.progress = progress;
    this.windows = new byte[threads][WINDOW];
    this.sums = new int[pieces(data.byteSize())];
  }

  /** How many pieces there are in so many bytes; the last may be shorter. */
  static int pieces(long bytes) {
    return Math.toIntExact(Math.ceilDiv(bytes, PIECE));
  }

  /**
   * Sums the pieces, and so brings all of mapped memory in.
   *
   * @param task for the listener, who is told bytes
   * @throws InternalError if the memory is mapped and the file has become shorter
   */
  static int[] of(MemorySegment data, Team team, String task, ProgressListener progress) {
    PieceSums region = new PieceSums(data, team.size(), task, progress);
    team.run(region);
    return region.sums;
  }

  @Override
  public int chunks() {
    return sums.length;
  }

  @Override
  public void run(int chunk, int worker) {
    long from = (long) chunk * PIECE;
    long to = Math.min(data.byteSize(), from + PIECE);
    CRC32C sum = new CRC32C();
    byte[] window = windows[worker];
    for (long at = from; at < to; at += WINDOW) {
      int n = (int) Math.min(WINDOW, to - at);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, window, 0, n);
      sum.update(window, 0, n);
    }
    sums[chunk] = (int) sum.getValue();
    progress.onProgress(task, done.addAndGet(to - from), data.byteSize());
  }
}
