package org.slmruntime.cpu.vector;

import java.lang.foreign.MemorySegment;
import org.slmruntime.backend.spi.Weights;

/**
 * The rows of a matrix in their stored form.
 *
 * @param columns elements of a row
 * @param rowBytes from one row to the next
 */
public record StoredRows(MemorySegment data, int columns, long rowBytes, RowDecoder decoder) {
  /**
   * @param stored whole rows of {@code columns} elements
   */
  public static StoredRows of(Weights.Stored stored, int columns) {
    long rowBytes = stored.type().byteSize(columns);
    return new StoredRows(stored.data(), columns, rowBytes, RowDecoders.of(stored.type()));
  }

  /**
   * Decodes one row to float32.
   *
   * @param scratch this thread's own
   */
  public void decode(int row, float[] target, int at, RowScratch scratch) {
    decoder.decode(data, row * rowBytes, target, at, columns, scratch);
  }
}
