package org.slmruntime.cuda.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slmruntime.cuda.driver.GpuDriver.GemmLibrary;

class JavaGemmTest {
  private static final int STRIDE = 9;
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final int rows = 1 + random.nextInt(STRIDE);
  private final int columns = 1 + random.nextInt(40);
  private final int tokens = 1 + random.nextInt(5);
  private final InterpretedDriver driver = new InterpretedDriver(DeviceOptions.checked(seed));

  private float[] draw(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(33) / 16f - 1; // Exact as bf16, and so are their sums as float.
    }
    return values;
  }

  private long upload(MemorySegment values) {
    long address = driver.allocate(values.byteSize());
    driver.upload(address, values, values.byteSize());
    return address;
  }

  private long bf16(float[] values) {
    short[] halves = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      halves[i] = (short) (Float.floatToRawIntBits(values[i]) >>> 16);
    }
    return upload(MemorySegment.ofArray(halves));
  }

  private void check(float[] w, int wStride, float[] x, long y) {
    for (int t = 0; t < tokens; t++) {
      float[] row = new float[rows];
      driver.download(MemorySegment.ofArray(row), y + 4L * t * STRIDE, 4L * rows);
      for (int r = 0; r < rows; r++) {
        double expected = 0;
        for (int k = 0; k < columns; k++) {
          expected += (double) w[r * wStride + k] * x[t * columns + k];
        }
        assertEquals(expected, row[r], () -> "seed " + seed);
      }
    }
  }

  @Test
  void multipliesBf16AndF32() {
    driver.makeCurrent();
    long stream = driver.createStream();
    GemmLibrary gemm = driver.gemm().library().orElseThrow();
    float[] w = draw(rows * columns);
    float[] x = draw(tokens * columns);
    long y = driver.allocate(4L * tokens * STRIDE);
    gemm.multiplyBf16(bf16(w), bf16(x), y, STRIDE, rows, columns, tokens, stream);
    driver.synchronize(stream);
    check(w, columns, x, y);
    float[] wide = draw(rows * (columns + 3));
    long weights = upload(MemorySegment.ofArray(wide));
    long inputs = upload(MemorySegment.ofArray(x));
    gemm.multiplyF32(weights, columns + 3, inputs, y, STRIDE, rows, columns, tokens, stream);
    driver.synchronize(stream);
    check(wide, columns + 3, x, y);
  }

  @Test
  void canBeAbsentWithAReason() {
    var gemm = new InterpretedDriver(DeviceOptions.checked(seed).withoutGemm()).gemm();
    assertTrue(gemm.library().isEmpty());
    assertTrue(gemm.missing().contains("test"), gemm.missing());
  }
}
