package org.slmruntime.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.slmruntime.tensor.DType;

/**
 * How a matrix lies on the device: planes of rows, as the kernels' README describes.
 *
 * @param type stored format
 */
public record MatrixLayout(DType type, int rows, int columns) {
  /** Whether there are kernels for weights of this format. */
  public static boolean supports(DType type) {
    throw new UnsupportedOperationException("" + type);
  }

  /** The format's part of kernel names, e.g. {@code q4_0}. */
  public String suffix() {
    return type.name().toLowerCase(Locale.ROOT);
  }

  public int planes() {
    throw new UnsupportedOperationException();
  }

  /** Bytes from one row of a plane to the next. */
  public int pitch(int plane) {
    throw new UnsupportedOperationException("" + plane);
  }

  /** Where a plane starts, from the start of the matrix; a multiple of 256. */
  public long offset(int plane) {
    throw new UnsupportedOperationException("" + plane);
  }

  /** Bytes of the whole matrix, a multiple of 256. */
  public long bytes() {
    throw new UnsupportedOperationException();
  }

  /**
   * Lays one stored row out for one plane.
   *
   * @param stored holds the row's blocks from {@code storedOffset}; any alignment
   * @param out receives {@code pitch(plane)} bytes, padding included, from {@code outOffset}
   */
  public void packRow(
      int plane, MemorySegment stored, long storedOffset, MemorySegment out, long outOffset) {
    throw new UnsupportedOperationException("" + plane + stored + storedOffset + out + outOffset);
  }
}
