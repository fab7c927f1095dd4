package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.kernels.GemmLab.Size;
import org.slmruntime.kernels.GemmLab.Tile;
import org.slmruntime.ptx.PtxException;
import org.slmruntime.tensor.DType;

/**
 * Every barrier and every wait for copies is needed, and the interpreter sees it when one is not
 * there.
 */
class GemmFaultTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  @ParameterizedTest
  @EnumSource(names = {"Q4_0", "BF16", "F32"})
  void failsWithoutAnyOneOfItsBarriersAndWaits(DType type) {
    String module = "gemm_" + type.name().toLowerCase(java.util.Locale.ROOT);
    List<String> lines = KernelLab.ptx(module).lines().toList();
    Tile tile = Tile.of(type).getFirst();
    int removed = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.contains(".entry")) {
        tile = line.contains("_few") ? Tile.FEW : Tile.of(type).getFirst();
      }
      if (line.contains("bar.sync") || line.contains("cp.async.wait_group")) {
        List<String> kept = new ArrayList<>(lines);
        kept.remove(i);
        Tile faulty = tile;
        String what = module + " without line " + (i + 1) + ": " + line + ", seed " + seed;
        assertThrows(
            PtxException.class,
            () -> multiply(type, faulty, module, String.join("\n", kept)),
            what);
        removed++;
      }
    }
    // One barrier and one wait in each loop, and two barriers where teams add their sums.
    assertEquals(type == DType.F32 ? 2 : 6, removed);
    Tile.of(type).forEach(all -> multiply(type, all, module, KernelLab.ptx(module)));
  }

  private void multiply(DType type, Tile tile, String module, String ptx) {
    Random random = new Random(seed);
    try (KernelLab lab = new KernelLab(seed)) {
      lab.replace(module, ptx);
      GemmLab gemm = new GemmLab(lab, type);
      Size size = new Size(32, 1024, 16);
      StoredMatrix matrix = StoredMatrix.random(type, size.rows(), size.columns(), random);
      float[] x = Products.gaussians(size.tokens() * size.columns(), random);
      List<Object> prepared = gemm.prepare(lab.upload(x), size.columns(), size);
      gemm.product(tile, matrix.upload(lab, 0), prepared, size);
    }
  }
}
