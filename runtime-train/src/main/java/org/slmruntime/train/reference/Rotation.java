package org.slmruntime.train.reference;

import org.slmruntime.graph.RotaryTable;
import org.slmruntime.train.TrainingBatch;

/** Rope: each pair of a head turns by the token's position times the pair's frequency. */
final class Rotation {
  private Rotation() {}

  static void apply(
      double[] x, int heads, RotaryTable table, TrainingBatch batch, int width, double[] y) {
    addRotated(x, heads, table, 1, batch, width, y);
  }

  /** A rotation's transpose turns the other way: {@code dx += R(-angle) dy}. */
  static void gradient(
      double[] dy, int heads, RotaryTable table, TrainingBatch batch, int width, double[] dx) {
    addRotated(dy, heads, table, -1, batch, width, dx);
  }

  private static void addRotated(
      double[] x,
      int heads,
      RotaryTable table,
      int direction,
      TrainingBatch batch,
      int width,
      double[] y) {
    int size = width / heads;
    for (int t = 0; t < batch.tokenCount(); t++) {
      int position = direction * batch.position(t);
      for (int start = t * width; start < (t + 1) * width; start += size) {
        addRotatedHead(x, start, table, position, y);
        for (int i = start + table.rotatedSize(); i < start + size; i++) {
          y[i] += x[i];
        }
      }
    }
  }

  private static void addRotatedHead(
      double[] x, int start, RotaryTable table, int position, double[] y) {
    int pairs = table.frequencies().length;
    boolean adjacent = table.pairing() == RotaryTable.Pairing.ADJACENT;
    for (int i = 0; i < pairs; i++) {
      double angle = position * table.frequencies()[i];
      double cos = Math.cos(angle) * table.magnitude();
      double sin = Math.sin(angle) * table.magnitude();
      int a = start + (adjacent ? 2 * i : i);
      int b = start + (adjacent ? 2 * i + 1 : i + pairs);
      y[a] += x[a] * cos - x[b] * sin;
      y[b] += x[a] * sin + x[b] * cos;
    }
  }
}
