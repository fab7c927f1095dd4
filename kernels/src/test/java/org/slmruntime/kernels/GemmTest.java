package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slmruntime.kernels.GemmLab.Output;
import org.slmruntime.kernels.GemmLab.Size;
import org.slmruntime.kernels.GemmLab.Tile;
import org.slmruntime.ptx.PtxOptions;
import org.slmruntime.tensor.DType;

class GemmTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  static Stream<DType> formats() {
    return Arrays.stream(DType.values()).filter(MatrixLayout::supports);
  }

  /** What float sums may cost, and for BF16 the split into two parts. */
  private static double tolerance(DType type) {
    return type == DType.BF16 ? 2e-5 : 1e-6;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void multipliesShapesThatFillNoTile(DType type) {
    try (KernelLab lab = new KernelLab(seed)) {
      GemmLab gemm = new GemmLab(lab, type);
      check(gemm, new Size(37, gemm.columns(8), 9));
      check(gemm, new Size(130, gemm.columns(1), 33));
      check(gemm, new Size(5, gemm.columns(3), 70));
      check(gemm, new Size(64, gemm.columns(1), 64));
      check(gemm, new Size(1, gemm.columns(3), 1));
    }
  }

  private void check(GemmLab gemm, Size size) {
    StoredMatrix matrix = StoredMatrix.random(gemm.type(), size.rows(), size.columns(), random);
    float[] x = Products.gaussians(size.tokens() * size.columns(), random);
    KernelLab.Matrix weights = matrix.upload(gemm.lab(), 0);
    List<Object> prepared = gemm.prepare(gemm.lab().upload(x), size.columns(), size);
    Products.Reference expected =
        Products.of(
            matrix.decoded(),
            size.rows(),
            size.columns(),
            gemm.rounded(prepared, x, size.columns(), size),
            size.columns());
    for (Tile tile : Tile.of(gemm.type())) {
      double error = expected.error(gemm.product(tile, weights, prepared, size));
      String what = gemm.entry(tile) + " " + size + " is off by " + error + ", seed " + seed;
      assertTrue(error <= tolerance(gemm.type()), what);
    }
  }

  static Stream<DType> quantizedFormats() {
    return formats().filter(type -> type.blockElements() > 1);
  }

  @ParameterizedTest
  @MethodSource("quantizedFormats")
  void losesLittleToTheActivationsRounding(DType type) {
    try (KernelLab lab = new KernelLab(PtxOptions.fast())) {
      GemmLab gemm = new GemmLab(lab, type);
      Size size = new Size(64, 1024, 64);
      StoredMatrix matrix = StoredMatrix.random(type, size.rows(), size.columns(), random);
      float[] x = Products.gaussians(size.tokens() * size.columns(), random);
      List<Object> prepared = gemm.prepare(lab.upload(x), size.columns(), size);
      double error =
          Products.of(matrix.decoded(), size.rows(), size.columns(), x, size.columns())
              .error(gemm.product(Tile.WIDE, matrix.upload(lab, 0), prepared, size));
      assertTrue(error <= 3e-5, type + " is off by " + error + message());
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void takesSlicesOfRowsAndRowsWithGaps(DType type) {
    try (KernelLab lab = new KernelLab(seed)) {
      GemmLab gemm = new GemmLab(lab, type);
      Size size = new Size(21, gemm.columns(1), 10);
      int first = 6;
      int stride = size.columns() + 5;
      StoredMatrix matrix = StoredMatrix.random(type, first + size.rows(), size.columns(), random);
      float[] x = Products.gaussians(size.tokens() * stride, random);
      float[] weights = matrix.decoded();
      float[] slice = Arrays.copyOfRange(weights, first * size.columns(), weights.length);
      List<Object> prepared = gemm.prepare(lab.upload(x), stride, size);
      double[] rounded = gemm.rounded(prepared, x, stride, size);
      Products.Reference expected =
          Products.of(slice, size.rows(), size.columns(), rounded, size.columns());
      for (Tile tile : Tile.of(type)) {
        long y = lab.upload(filled(size.tokens() * (size.rows() + 3), -7));
        Output output = Output.into(y, size.rows() + 3);
        gemm.multiply(tile, matrix.upload(lab, first), prepared, output, size);
        float[] all = lab.floats(y, size.tokens() * (size.rows() + 3));
        assertTrue(expected.error(withoutGaps(all, size.rows(), -7)) <= tolerance(type), message());
      }
    }
  }

  private static float[] filled(int count, float value) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    return values;
  }

  /** The rows of {@code width} values; the three after each must have been left alone. */
  private float[] withoutGaps(float[] all, int width, float gap) {
    float[] kept = new float[all.length / (width + 3) * width];
    for (int i = 0; i < all.length; i++) {
      if (i % (width + 3) < width) {
        kept[i / (width + 3) * width + i % (width + 3)] = all[i];
      } else {
        assertEquals(gap, all[i], message());
      }
    }
    return kept;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void addsTheBiasAndThenTheResidualWhichMayBeTheResult(DType type) {
    try (KernelLab lab = new KernelLab(sameEveryTime())) {
      GemmLab gemm = new GemmLab(lab, type);
      Size size = new Size(19, gemm.columns(1), 11);
      float[] bias = Products.gaussians(size.rows(), random);
      float[] residual = Products.gaussians(size.tokens() * (size.rows() + 2), random);
      KernelLab.Matrix weights =
          StoredMatrix.random(type, size.rows(), size.columns(), random).upload(lab, 0);
      float[] x = Products.gaussians(size.tokens() * size.columns(), random);
      List<Object> prepared = gemm.prepare(lab.upload(x), size.columns(), size);
      long b = lab.upload(bias);
      for (Tile tile : Tile.of(type)) {
        float[] product = gemm.product(tile, weights, prepared, size);
        long y = lab.upload(residual);
        Output output = new Output(b, y, size.rows() + 2, y, size.rows() + 2);
        gemm.multiply(tile, weights, prepared, output, size);
        float[] expected = residual.clone();
        for (int i = 0; i < product.length; i++) {
          int row = i % size.rows();
          int at = i / size.rows() * (size.rows() + 2) + row;
          expected[at] = product[i] + bias[row] + residual[at];
        }
        assertArrayEquals(expected, lab.floats(y, residual.length), message());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void givesATokenTheSameBitsAloneAndAmongOthersWithEitherTile(DType type) {
    try (KernelLab lab = new KernelLab(sameEveryTime())) {
      GemmLab gemm = new GemmLab(lab, type);
      Size all = new Size(33, gemm.columns(type.blockElements() == 32 ? 35 : 5), 70);
      KernelLab.Matrix weights =
          StoredMatrix.random(type, all.rows(), all.columns(), random).upload(lab, 0);
      float[] x = Products.gaussians(all.tokens() * all.columns(), random);
      List<Object> prepared = gemm.prepare(lab.upload(x), all.columns(), all);
      float[] together = gemm.product(Tile.of(type).getFirst(), weights, prepared, all);
      for (int token : new int[] {0, 13, 69}) {
        int from = token * all.columns();
        long alone = lab.upload(Arrays.copyOfRange(x, from, from + all.columns()));
        Size one = new Size(all.rows(), all.columns(), 1);
        float[] expected =
            Arrays.copyOfRange(together, token * all.rows(), (token + 1) * all.rows());
        List<Object> preparedAlone = gemm.prepare(alone, all.columns(), one);
        for (Tile tile : Tile.of(type)) {
          float[] actual = gemm.product(tile, weights, preparedAlone, one);
          assertArrayEquals(expected, actual, gemm.entry(tile) + message());
        }
      }
      Tile other = Tile.of(type).getLast();
      assertArrayEquals(together, gemm.product(other, weights, prepared, all), message());
    }
  }

  /** Real tensor cores add the terms of a product in the same order every time. */
  private PtxOptions sameEveryTime() {
    return new PtxOptions(seed, true, false, 0);
  }

  private String message() {
    return ", seed " + seed;
  }
}
