package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.PANEL;

import java.lang.foreign.MemorySegment;
import org.slmruntime.cpu.parallel.Region;

/** Packs one matrix, some panels at a time. Run once, when a model is loaded. */
public final class MatrixPacking implements Region {
  /** Panels that a thread packs at a time. */
  private static final int CHUNK_PANELS = 8;

  private final PackedMatrix matrix;
  private final MemorySegment source;
  private final PackingScratch[] scratch;

  /**
   * @param matrix whose memory is filled
   * @param source exactly its elements in their stored form
   * @param scratch one per thread, for rows as long as these
   */
  public MatrixPacking(PackedMatrix matrix, MemorySegment source, PackingScratch[] scratch) {
    this.matrix = matrix;
    this.source = source;
    this.scratch = scratch;
  }

  @Override
  public int chunks() {
    return Math.ceilDiv(matrix.panels(), CHUNK_PANELS);
  }

  @Override
  public void run(int chunk, int worker) {
    PanelPacker packer = new PanelPacker(matrix.format(), matrix.columns(), scratch[worker]);
    int last = Math.min(matrix.panels(), (chunk + 1) * CHUNK_PANELS);
    for (int panel = chunk * CHUNK_PANELS; panel < last; panel++) {
      int first = panel * PANEL;
      int rows = Math.min(PANEL, matrix.rows() - first);
      packer.pack(source, first, rows, matrix.data(), panel * matrix.panelBytes());
    }
    letGo(chunk * CHUNK_PANELS * PANEL, Math.min(matrix.rows(), last * PANEL));
  }

  /** Lets go of what came back into memory beside what was read. */
  void finish() {
    letGo(0, matrix.rows());
  }

  /** What was read of the file need not be in memory twice, not even until the matrix is done. */
  private void letGo(int firstRow, int lastRow) {
    if (!source.isMapped()) {
      return;
    }
    long rowBytes = matrix.format().type.byteSize(matrix.columns());
    source.asSlice(firstRow * rowBytes, (lastRow - firstRow) * rowBytes).unload();
  }
}
