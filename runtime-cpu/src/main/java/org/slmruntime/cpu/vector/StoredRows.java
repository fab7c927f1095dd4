package org.slmruntime.cpu.vector;

import java.lang.foreign.MemorySegment;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.tensor.DType;

/**
 * The rows of a matrix in their stored form.
 *
 * @param columns elements of a row
 * @param rowBytes from one row to the next
 */
public record StoredRows(
    MemorySegment data, DType type, int columns, long rowBytes, RowDecoder decoder) {
  /**
   * @param stored whole rows of {@code columns} elements
   */
  public static StoredRows of(Weights.Stored stored, int columns) {
    return of(stored, columns, RowDecoders.of(stored.type()));
  }

  /** The same, decoded to {@link WordOrder} and its scale where that is the matrix's order. */
  public static StoredRows forProducts(Weights.Stored stored, int columns) {
    return WordOrder.isOf(stored.type(), columns)
        ? of(stored, columns, RowDecoders.halvesInWordOrder())
        : of(stored, columns);
  }

  private static StoredRows of(Weights.Stored stored, int columns, RowDecoder decoder) {
    DType type = stored.type();
    return new StoredRows(stored.data(), type, columns, type.byteSize(columns), decoder);
  }

  /**
   * Decodes one row to float32.
   *
   * @param scratch this thread's own
   */
  public void decode(int row, float[] target, int at, RowScratch scratch) {
    decoder.decode(data, row * rowBytes, target, at, columns, scratch);
  }

  /**
   * Decodes a part of a row to float32.
   *
   * @param column where a block begins
   * @param count a whole number of blocks
   * @param scratch this thread's own
   */
  public void decode(int row, int column, int count, float[] target, int at, RowScratch scratch) {
    long offset = row * rowBytes + type.byteSize(column);
    decoder.decode(data, offset, target, at, count, scratch);
  }
}
