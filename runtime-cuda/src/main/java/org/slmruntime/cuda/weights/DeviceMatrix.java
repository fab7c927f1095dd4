package org.slmruntime.cuda.weights;

import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.kernels.MatrixLayout;
import org.slmruntime.tensor.DType;

/**
 * A matrix in device memory, or consecutive rows of one.
 *
 * @param type format of its rows
 * @param planes device addresses of its first row
 * @param pitches bytes from one row to the next, by plane
 */
public record DeviceMatrix(DType type, int rows, int columns, long[] planes, int[] pitches) {
  /** Its rows from {@code first} on. */
  DeviceMatrix from(int first, int count) {
    long[] moved = planes.clone();
    for (int p = 0; p < moved.length; p++) {
      moved[p] += (long) first * pitches[p];
    }
    return new DeviceMatrix(type, count, columns, moved, pitches);
  }

  /** The format's part of kernel names. */
  public String suffix() {
    return new MatrixLayout(type, rows, columns).suffix();
  }

  /** Passes it as an argument. */
  public void set(KernelArguments arguments, String name) {
    arguments.set(name, planes, pitches);
  }
}
