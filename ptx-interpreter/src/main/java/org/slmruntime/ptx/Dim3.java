package org.slmruntime.ptx;

/** Sizes of a grid or a block. */
public record Dim3(int x, int y, int z) {
  public static Dim3 of(int x) {
    return new Dim3(x, 1, 1);
  }

  public long count() {
    return (long) x * y * z;
  }
}
