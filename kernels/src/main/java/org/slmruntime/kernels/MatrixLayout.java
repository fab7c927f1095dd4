package org.slmruntime.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import org.slmruntime.tensor.DType;

/**
 * How a matrix lies on the device: planes of rows, as the kernels' README describes. Packing keeps
 * no state, so rows may be packed by several threads at once.
 *
 * @param type stored format
 * @param columns a whole number of the format's blocks
 */
public record MatrixLayout(DType type, int rows, int columns) {
  private static final int ROW_ALIGNMENT = 16;
  private static final int PLANE_ALIGNMENT = 256;

  /**
   * @throws IllegalArgumentException if there are no kernels for the format, the matrix is empty,
   *     or a row is no whole number of blocks
   */
  public MatrixLayout {
    if (!supports(type)) {
      throw new IllegalArgumentException("there are no kernels for weights of type " + type);
    }
    if (rows < 1 || columns < 1 || columns % type.blockElements() != 0) {
      throw new IllegalArgumentException(
          "no %s matrix has %d rows of %d columns".formatted(type, rows, columns));
    }
  }

  /** Whether there are kernels for weights of this format. */
  public static boolean supports(DType type) {
    return !Planes.of(type).isEmpty();
  }

  /** The format's part of kernel names, e.g. {@code q4_0}. */
  public String suffix() {
    return type.name().toLowerCase(Locale.ROOT);
  }

  public int planes() {
    return Planes.of(type).size();
  }

  /** Bytes from one row of a plane to the next. */
  public int pitch(int plane) {
    return Math.toIntExact(align(rowBytes(plane), ROW_ALIGNMENT));
  }

  /** Where a plane starts, from the start of the matrix; a multiple of 256. */
  public long offset(int plane) {
    long offset = 0;
    for (int p = 0; p < plane; p++) {
      offset += align((long) rows * pitch(p), PLANE_ALIGNMENT);
    }
    return offset;
  }

  /** Bytes of the whole matrix, a multiple of 256. */
  public long bytes() {
    return offset(planes());
  }

  /**
   * Lays one stored row out for one plane.
   *
   * @param stored holds the row's blocks from {@code storedOffset}; any alignment
   * @param out receives {@code pitch(plane)} bytes, padding included, from {@code outOffset}
   */
  public void packRow(
      int plane, MemorySegment stored, long storedOffset, MemorySegment out, long outOffset) {
    plane(plane).packer().pack(stored, storedOffset, blocks(), out, outOffset);
    for (long i = rowBytes(plane); i < pitch(plane); i++) {
      out.set(ValueLayout.JAVA_BYTE, outOffset + i, (byte) 0);
    }
  }

  private Plane plane(int plane) {
    return Planes.of(type).get(plane);
  }

  private int blocks() {
    return columns / type.blockElements();
  }

  private long rowBytes(int plane) {
    return (long) blocks() * plane(plane).blockBytes();
  }

  private static long align(long bytes, int alignment) {
    return Math.ceilDiv(bytes, (long) alignment) * alignment;
  }
}
