package org.slmruntime.cuda.testing;

import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import org.slmruntime.cuda.driver.GpuDriver.GemmLibrary;
import org.slmruntime.ptx.GlobalMemory;

/** Matrix products of device memory in Java, queued as cuBLAS queues them. */
final class JavaGemm implements GemmLibrary {
  private final GlobalMemory memory;
  private final BiConsumer<Long, Work> queue;

  /**
   * @param queue takes a stream and what to run there
   */
  JavaGemm(GlobalMemory memory, BiConsumer<Long, Work> queue) {
    this.memory = memory;
    this.queue = queue;
  }

  @Override
  public void multiplyBf16(
      long w, long x, long y, int yStride, int rows, int columns, int tokens, long stream) {
    queue.accept(
        stream,
        () -> {
          float[] weights = bf16(w, rows * columns);
          float[] inputs = bf16(x, tokens * columns);
          multiply(weights, inputs, y, yStride, rows, columns, tokens);
        });
  }

  @Override
  public void multiplyF32(
      long w,
      int wStride,
      long x,
      long y,
      int yStride,
      int rows,
      int columns,
      int tokens,
      long stream) {
    queue.accept(
        stream,
        () -> {
          float[] weights = new float[rows * columns];
          for (int r = 0; r < rows; r++) {
            float[] row = f32(w + 4L * r * wStride, columns);
            System.arraycopy(row, 0, weights, r * columns, columns);
          }
          multiply(weights, f32(x, tokens * columns), y, yStride, rows, columns, tokens);
        });
  }

  private void multiply(
      float[] w, float[] x, long y, int yStride, int rows, int columns, int tokens) {
    float[] out = new float[rows];
    for (int t = 0; t < tokens; t++) {
      for (int r = 0; r < rows; r++) {
        float sum = 0;
        for (int k = 0; k < columns; k++) {
          sum = Math.fma(w[r * columns + k], x[t * columns + k], sum);
        }
        out[r] = sum;
      }
      memory.write(y + 4L * t * yStride, MemorySegment.ofArray(out), 4L * rows);
    }
  }

  private float[] bf16(long address, int count) {
    short[] halves = new short[count];
    memory.read(address, MemorySegment.ofArray(halves), 2L * count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = Float.intBitsToFloat(halves[i] << 16);
    }
    return values;
  }

  private float[] f32(long address, int count) {
    float[] values = new float[count];
    memory.read(address, MemorySegment.ofArray(values), 4L * count);
    return values;
  }
}
