package org.slmruntime.cpu.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Slices that begin anywhere, of no vector, some vectors, and some vectors and a rest. */
class SlicesTest {
  private static final int LONGEST = 2 * 16 + 5;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final float[] a = floats();
  private final float[] b = floats();
  private final int i = random.nextInt(5);
  private final int j = random.nextInt(5);
  private final int k = random.nextInt(5);

  private float[] floats() {
    float[] x = new float[LONGEST + 10];
    for (int n = 0; n < x.length; n++) {
      x[n] = random.nextFloat() - 0.5f;
    }
    return x;
  }

  @Test
  void multipliesAndAddsTheSliceAlone() {
    float factor = random.nextFloat();
    for (int count = 0; count <= LONGEST; count++) {
      float[] product = floats();
      float[] sum = floats();
      float[] scaled = floats();
      float[] expectedProduct = product.clone();
      float[] expectedSum = sum.clone();
      float[] expectedScaled = scaled.clone();
      for (int n = 0; n < count; n++) {
        expectedProduct[k + n] = a[i + n] * b[j + n];
        expectedSum[k + n] += a[i + n] * b[j + n] * factor;
        expectedScaled[k + n] += a[i + n] * factor;
      }
      Slices.multiply(a, i, b, j, product, k, count);
      Slices.addProduct(factor, a, i, b, j, sum, k, count);
      Slices.addScaled(factor, a, i, scaled, k, count);
      String what = count + " elements, seed " + seed;
      assertArrayEquals(expectedProduct, product, what);
      assertArrayEquals(expectedSum, sum, what);
      assertArrayEquals(expectedScaled, scaled, what);
    }
  }

  @Test
  void reducesTheSliceAlone() {
    for (int count = 1; count <= LONGEST; count++) {
      String what = count + " elements, seed " + seed;
      double largest = IntStream.range(i, i + count).mapToDouble(n -> a[n]).max().orElseThrow();
      double sum = IntStream.range(i, i + count).mapToDouble(n -> a[n]).sum();
      double dot = IntStream.range(0, count).mapToDouble(n -> a[i + n] * b[j + n]).sum();
      assertEquals(largest, Slices.max(a, i, count), what);
      assertEquals(sum, Slices.sum(a, i, count), 1e-13, what);
      assertEquals(dot, Slices.dot(a, i, b, j, count), 1e-13, what);
    }
  }

  @Test
  void theLargestElementIsNoNumberIfOneIsNone() {
    for (int n = 0; n < LONGEST; n++) {
      float[] x = floats();
      x[i + n] = Float.NaN;
      assertTrue(Float.isNaN(Slices.max(x, i, LONGEST)), n + ", seed " + seed);
    }
  }
}
