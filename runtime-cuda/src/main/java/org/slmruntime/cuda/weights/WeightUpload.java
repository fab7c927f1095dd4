package org.slmruntime.cuda.weights;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.plan.StackedVector;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.kernels.MatrixLayout;

/**
 * Lays rows out in page-locked memory and copies them to the device. While one piece is copied, the
 * next is laid out, by as many threads as the common pool has.
 */
final class WeightUpload implements AutoCloseable {
  private static final long PIECE_BYTES = 32L << 20;
  private static final int SLOTS = 2;
  private static final String TASK = "loading weights";

  private final GpuDriver driver;
  private final Weights weights;
  private final ProgressListener progress;
  private final long total;
  private final MemorySegment[] staging = new MemorySegment[SLOTS];
  private final long[] copied = new long[SLOTS];
  private long stream;
  private int slot;
  private long done;

  WeightUpload(GpuDriver driver, Weights weights, ProgressListener progress, WeightPlan plan) {
    this.driver = driver;
    this.weights = weights;
    this.progress = progress;
    this.total = plan.regions().stream().mapToLong(Region::bytes).sum();
    long size = plan.regions().stream().mapToLong(WeightUpload::staging).max().orElse(1);
    try {
      stream = driver.createStream();
      for (int s = 0; s < SLOTS; s++) {
        staging[s] = driver.allocatePinned(size);
        copied[s] = driver.createEvent();
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** What the largest piece of a region takes: a row at least, and no more than its plane. */
  private static long staging(Region region) {
    MatrixLayout layout = region.layout();
    long pitch = IntStream.range(0, layout.planes()).mapToLong(layout::pitch).max().orElseThrow();
    return Math.max(pitch, Math.min(PIECE_BYTES, pitch * layout.rows()));
  }

  void matrix(Region region, long address) {
    MatrixLayout layout = region.layout();
    List<Weights.Stored> parts = region.stack().parts().stream().map(weights::get).toList();
    for (int plane = 0; plane < layout.planes(); plane++) {
      int pitch = layout.pitch(plane);
      int step = Math.clamp(staging[0].byteSize() / pitch, 1, layout.rows());
      for (int first = 0; first < layout.rows(); first += step) {
        int count = Math.min(step, layout.rows() - first);
        driver.synchronizeEvent(copied[slot]);
        pack(region, layout, parts, plane, first, count);
        copy(address + layout.offset(plane) + (long) first * pitch, (long) count * pitch);
      }
    }
  }

  private void pack(
      Region region,
      MatrixLayout layout,
      List<Weights.Stored> parts,
      int plane,
      int first,
      int count) {
    MemorySegment out = staging[slot];
    long rowBytes = region.type().byteSize(layout.columns());
    long pitch = layout.pitch(plane);
    IntStream.range(0, count)
        .parallel()
        .forEach(
            i -> {
              MemorySegment stored = parts.get(region.part(first + i)).data();
              long from = region.partRow(first + i) * rowBytes;
              layout.packRow(plane, stored, from, out, i * pitch);
            });
  }

  private void copy(long to, long bytes) {
    driver.uploadAsync(to, staging[slot], bytes, stream);
    driver.recordEvent(copied[slot], stream);
    slot = (slot + 1) % SLOTS;
    done += bytes;
    progress.onProgress(TASK, done, Math.max(done, total));
  }

  void vector(StackedVector vector, long address) {
    float[] values = Vectors.decode(vector, weights);
    driver.upload(address, MemorySegment.ofArray(values), (long) values.length * Float.BYTES);
  }

  void table(RotaryTable table, long address) {
    double[] values = table.frequencies();
    driver.upload(address, MemorySegment.ofArray(values), (long) values.length * Double.BYTES);
  }

  /** Waits for the copies, whose memory it gives back. */
  @Override
  public void close() {
    try {
      if (stream != 0) {
        driver.synchronize(stream);
        driver.destroyStream(stream);
      }
    } finally {
      giveBack();
    }
  }

  private void giveBack() {
    for (int s = 0; s < SLOTS; s++) {
      if (copied[s] != 0) {
        driver.destroyEvent(copied[s]);
      }
      if (staging[s] != null) {
        driver.freePinned(staging[s]);
      }
    }
  }
}
