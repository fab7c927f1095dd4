package org.slmruntime.train.cpu;

import org.slmruntime.cpu.gemm.Matrix;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.Dropout;

/** Dropout: leaves out elements and scales up the others, of an input as of its gradient. */
record Thinning(Parallel parallel) {
  /** {@code y += mask x / (1 - rate)} for two matrices that fill arrays from their beginnings. */
  void add(Dropout dropout, Weight weight, Matrix x, Matrix y) {
    Dropout.Mask mask = dropout.mask(weight);
    float scale = (float) dropout.scale();
    int width = x.columns();
    parallel.forEach(
        x.rows(),
        width,
        (from, to, _) -> {
          for (int r = from; r < to; r++) {
            for (int c = 0; c < width; c++) {
              if (mask.keeps(r, c)) {
                y.data()[r * width + c] += scale * x.data()[r * width + c];
              }
            }
          }
        });
  }
}
