package org.slmruntime.cpu.ops;

import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;

/** Rotates the heads of each row by the token's position. */
public final class RopeStep extends RowsStep {
  private final int heads;
  private final int size;
  private final boolean adjacent;
  private final RopeAngles angles;
  private final float[] x;
  private final float[] out;

  public RopeStep(Op.Rope op, float[] x, RopeAngles angles, float[] out, Team team) {
    super(op.input().rows(), op.input().width(), team);
    this.heads = op.heads();
    this.size = op.input().width() / heads;
    this.adjacent = op.table().pairing() == RotaryTable.Pairing.ADJACENT;
    this.angles = angles;
    this.x = x;
    this.out = out;
  }

  @Override
  void rows(StepInput input, int from, int to, int worker) {
    for (int t = from; t < to; t++) {
      for (int head = 0; head < heads; head++) {
        int start = (t * heads + head) * size;
        if (adjacent) {
          adjacentPairs(start, t * angles.pairs());
        } else {
          halves(start, t * angles.pairs());
        }
      }
    }
  }

  private void adjacentPairs(int start, int angle) {
    int pairs = angles.pairs();
    for (int i = 0; i < pairs; i++) {
      int a = start + 2 * i;
      float cos = angles.cos[angle + i];
      float sin = angles.sin[angle + i];
      float x0 = x[a];
      float x1 = x[a + 1];
      out[a] = x0 * cos - x1 * sin;
      out[a + 1] = x0 * sin + x1 * cos;
    }
    copyRest(start, 2 * pairs);
  }

  private void halves(int start, int angle) {
    int pairs = angles.pairs();
    for (int i = 0; i < pairs; i++) {
      int a = start + i;
      float cos = angles.cos[angle + i];
      float sin = angles.sin[angle + i];
      float x0 = x[a];
      float x1 = x[a + pairs];
      out[a] = x0 * cos - x1 * sin;
      out[a + pairs] = x0 * sin + x1 * cos;
    }
    copyRest(start, 2 * pairs);
  }

  private void copyRest(int start, int rotated) {
    if (rotated < size) {
      System.arraycopy(x, start + rotated, out, start + rotated, size - rotated);
    }
  }
}
