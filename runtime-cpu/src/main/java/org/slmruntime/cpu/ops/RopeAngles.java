package org.slmruntime.cpu.ops;

import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.graph.RotaryTable;

/** Sines and cosines of a step's positions, computed once for all layers that share a table. */
public final class RopeAngles {
  private final RotaryTable table;
  final float[] cos;
  final float[] sin;

  public RopeAngles(RotaryTable table, int maxTokens) {
    this.table = table;
    this.cos = new float[Math.multiplyExact(maxTokens, pairs())];
    this.sin = new float[cos.length];
  }

  int pairs() {
    return table.frequencies().length;
  }

  /** Floats held per token of the largest step. */
  public static long floatsPerToken(RotaryTable table) {
    return 2L * table.frequencies().length;
  }

  /** Must run before the step's first {@link RopeStep}. */
  public void fill(StepInput input) {
    double[] frequencies = table.frequencies();
    for (int t = 0; t < input.tokenCount(); t++) {
      int row = t * frequencies.length;
      for (int i = 0; i < frequencies.length; i++) {
        double angle = input.position(t) * frequencies[i];
        cos[row + i] = (float) (Math.cos(angle) * table.magnitude());
        sin[row + i] = (float) (Math.sin(angle) * table.magnitude());
      }
    }
  }
}
