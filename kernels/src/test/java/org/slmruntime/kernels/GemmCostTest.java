package org.slmruntime.kernels;

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
import org.slmruntime.ptx.Counters;
import org.slmruntime.ptx.PtxOptions;
import org.slmruntime.tensor.DType;

/** What the GEMMs do, in counts: what is slow on a GPU shows here. */
class GemmCostTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  static Stream<DType> formats() {
    return Arrays.stream(DType.values()).filter(MatrixLayout::supports);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void readsWeightsOnceForATileOfTokensAndSharedMemoryWithoutConflicts(DType type) {
    try (KernelLab lab = new KernelLab(PtxOptions.fast())) {
      GemmLab gemm = new GemmLab(lab, type);
      for (Tile tile : Tile.of(type)) {
        Size size = new Size(128, 2048, 64);
        StoredMatrix matrix = StoredMatrix.random(type, size.rows(), size.columns(), random);
        KernelLab.Matrix weights = matrix.upload(lab, 0);
        float[] x = Products.gaussians(size.tokens() * size.columns(), random);
        List<Object> prepared = gemm.prepare(lab.upload(x), size.columns(), size);
        Output output = Output.into(lab.allocate(4L * size.rows() * size.tokens()), size.rows());
        lab.memory().trackLoads(true);
        Counters counters = gemm.multiply(tile, weights, prepared, output, size);
        checkLoads(lab, matrix.layout(), weights, tile.readings(size.tokens()));
        lab.memory().trackLoads(false);
        String what = gemm.entry(tile) + " " + counters;
        assertEquals(matrixMultiplies(type, size), counters.matrixMultiplies(), what);
        assertTrue(32 * counters.globalLoadSectors() <= 1.7 * counters.globalLoadBytes(), what);
        assertTrue(counters.warpInstructions() <= instructionLimit(tile, size), what);
        assertEquals(0, counters.localAccesses(), what);
        assertTrue(counters.sharedWavefronts() <= 1.2 * counters.sharedIdealWavefronts(), what);
      }
    }
  }

  /**
   * One for each part of the activations, 16 rows, 8 tokens and 32 columns; or 16 columns, where
   * elements take two bytes or have a scale per 16.
   */
  private static long matrixMultiplies(DType type, Size size) {
    long blocks = size.rows() / 16 * (size.tokens() / 8) * (size.columns() / 32L);
    return switch (type) {
      case F32 -> 0;
      case F16, BF16, Q6_K -> 4 * blocks;
      default -> 2 * blocks;
    };
  }

  /**
   * Everything around the products counts, among it the conversion of integers to scaled floats,
   * which is most of it. Small tiles have more around each product.
   */
  private static long instructionLimit(Tile tile, Size size) {
    long terms = (long) size.rows() * size.columns() * size.tokens();
    return switch (tile) {
      case PLAIN -> terms / 32 * 2;
      case WIDE -> terms / (16 * 8 * 32) * 80;
      case FEW -> terms / (16 * 8 * 32) * 145;
    };
  }

  private static void checkLoads(
      KernelLab lab, MatrixLayout layout, KernelLab.Matrix weights, int readings) {
    for (int plane = 0; plane < layout.planes(); plane++) {
      long bytes = (long) layout.rows() * layout.pitch(plane);
      long loaded = lab.memory().loadedBytes(weights.planes()[plane], bytes);
      assertEquals(readings * bytes, loaded, "plane " + plane + " of " + layout);
    }
  }
}
