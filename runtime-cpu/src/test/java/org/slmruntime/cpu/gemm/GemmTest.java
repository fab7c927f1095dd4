package org.slmruntime.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slmruntime.cpu.parallel.Team;

class GemmTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void addsProductsOfMatricesOfAnyShape() {
    try (Team team = new Team(2)) {
      Gemm gemm = new Gemm(team);
      for (int m : new int[] {1, 7, 8, 9, 515}) {
        for (int k : new int[] {1, 255, 256, 300}) {
          for (int n : new int[] {1, 15, 32, 33, 70}) {
            adds(gemm, m, k, n);
            addsOfTransposed(gemm, m, k, n);
          }
        }
      }
    }
  }

  private void adds(Gemm gemm, int m, int k, int n) {
    Matrix a = random(m, k);
    Matrix b = random(k, n);
    Matrix c = random(m, n);
    float[] before = c.data().clone();
    gemm.addProduct(a, b, c);
    for (int i = 0; i < before.length; i++) {
      int r = (i - c.at()) / c.stride();
      int j = (i - c.at()) % c.stride();
      boolean inside = i >= c.at() && r < m && j < n;
      double expected = before[i] + (inside ? product(a, b, r, j) : 0);
      String what = m + "x" + k + "x" + n + " at " + r + ", " + j + ", seed " + seed;
      assertEquals(expected, c.data()[i], inside ? 1e-6 * k : 0, what);
    }
  }

  /** To the bit what the transposed matrix itself gives. */
  private void addsOfTransposed(Gemm gemm, int m, int k, int n) {
    Matrix a = random(k, m);
    Matrix b = random(k, n);
    Matrix c = random(m, n);
    float[] expected = c.data().clone();
    Matrix transposed = new Transposition(new Team(1)).transpose(a, new float[k * m]);
    gemm.addProduct(transposed, b, new Matrix(expected, c.at(), c.stride(), m, n));
    gemm.addTransposedProduct(a, b, c);
    assertArrayEquals(expected, c.data(), m + "x" + k + "x" + n + ", seed " + seed);
  }

  private static double product(Matrix a, Matrix b, int r, int j) {
    double sum = 0;
    for (int i = 0; i < a.columns(); i++) {
      sum += (double) a.data()[a.at() + r * a.stride() + i] * b.data()[b.at() + i * b.stride() + j];
    }
    return sum;
  }

  /** Within a larger array. */
  private Matrix random(int rows, int columns) {
    int at = random.nextInt(5);
    int stride = columns + random.nextInt(4);
    float[] data = new float[at + rows * stride + 3];
    for (int i = 0; i < data.length; i++) {
      data[i] = random.nextFloat() - 0.5f;
    }
    return new Matrix(data, at, stride, rows, columns);
  }

  @Test
  void transposesMatricesOfAnyShape() {
    try (Team team = new Team(2)) {
      for (int rows : new int[] {1, 31, 32, 33, 100}) {
        for (int columns : new int[] {1, 32, 65}) {
          Matrix x = random(rows, columns);
          Matrix y = new Transposition(team).transpose(x, new float[rows * columns]);
          for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
              assertEquals(
                  x.data()[x.at() + r * x.stride() + c], y.data()[c * rows + r], "seed " + seed);
            }
          }
        }
      }
    }
  }

  @Test
  void theNumberOfThreadsChangesNoBit() {
    Matrix a = random(600, 300);
    Matrix b = random(300, 90);
    float[][] results = new float[2][];
    for (int i = 0; i < 2; i++) {
      try (Team team = new Team(1 + 2 * i)) {
        Matrix c = Matrix.of(new float[600 * 90], 600, 90);
        new Gemm(team).addProduct(a, b, c);
        results[i] = c.data();
      }
    }
    assertArrayEquals(results[0], results[1], "seed " + seed);
  }
}
