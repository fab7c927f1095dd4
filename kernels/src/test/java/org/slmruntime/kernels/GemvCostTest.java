package org.slmruntime.kernels;

import java.util.*;
import org.junit.jupiter.api.Test;
import org.slmruntime.ptx.*;
import org.slmruntime.tensor.DType;

class GemvCostTest {
  @Test
  void figures() {
    Random random = new Random(1);
    for (DType type : DType.values()) {
      if (!MatrixLayout.supports(type)) continue;
      StringBuilder line = new StringBuilder(type + " ");
      GemvCase gemv = new GemvCase(type, 256, 4096, random);
      gemv.norm = true;
      gemv.draw();
      for (int v : new int[] {1, 2, 4, 8}) {
        for (int blocks : v == 1 ? new int[] {2, 4, 8} : new int[] {8}) {
        gemv.tokens = v;
        gemv.blocks = blocks;
        try (KernelLab lab = new KernelLab(PtxOptions.fast())) {
          var o = gemv.run(lab, v);
          Counters c = o.counters();
          double weights = 256 * 4096;
          double ideal = gemv.matrix.planeBytes() / 32.0;
          double x = (double) v * blocks * 4096 * 4 / 32;
          line.append(String.format(Locale.ROOT, "| %d: %.2f l/w, sect %.3f (x alone %.3f), shared %.3f local %d err %.2g ", v, c.laneInstructions() / weights, c.globalLoadSectors() / ideal, x / ideal, c.sharedWavefronts() / (double) c.sharedIdealWavefronts(), c.localAccesses(), gemv.error(o.y())));
        }}
      }
      System.out.println(line);
    }
  }
}
