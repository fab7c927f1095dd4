package org.slmruntime.train.cpu;

import java.util.HashMap;
import java.util.Map;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.train.TrainingBatch;

/** Rotates heads by their tokens' positions, or back; angles are computed once per position. */
final class Rotations {
  private final Parallel parallel;
  private final Map<RotaryTable, Angles> angles = new HashMap<>();

  /**
   * @param cos [positions][pairs], the magnitude included
   */
  private record Angles(int positions, float[] cos, float[] sin) {}

  Rotations(Parallel parallel) {
    this.parallel = parallel;
  }

  /**
   * {@code y += R x}.
   *
   * @param width of a row, of whole heads
   * @param direction 1, or -1 for the gradient: a rotation's transpose turns the other way
   */
  void add(
      float[] x,
      int heads,
      RotaryTable table,
      int direction,
      TrainingBatch batch,
      int width,
      float[] y) {
    Angles turned = angles(table, batch);
    int size = width / heads;
    parallel.forEach(
        batch.tokenCount(),
        width,
        (from, to, _) -> {
          for (int t = from; t < to; t++) {
            int angle = batch.position(t) * table.frequencies().length;
            for (int start = t * width; start < (t + 1) * width; start += size) {
              addHead(x, start, size, table, turned, angle, direction, y);
            }
          }
        });
  }

  private static void addHead(
      float[] x,
      int start,
      int size,
      RotaryTable table,
      Angles angles,
      int angle,
      int direction,
      float[] y) {
    int pairs = table.frequencies().length;
    boolean adjacent = table.pairing() == RotaryTable.Pairing.ADJACENT;
    int step = adjacent ? 2 : 1;
    int apart = adjacent ? 1 : pairs;
    for (int i = 0; i < pairs; i++) {
      int a = start + step * i;
      int b = a + apart;
      float cos = angles.cos[angle + i];
      float sin = direction * angles.sin[angle + i];
      y[a] += x[a] * cos - x[b] * sin;
      y[b] += x[a] * sin + x[b] * cos;
    }
    for (int i = start + 2 * pairs; i < start + size; i++) {
      y[i] += x[i];
    }
  }

  private Angles angles(RotaryTable table, TrainingBatch batch) {
    int positions = 0;
    for (int t = 0; t < batch.tokenCount(); t++) {
      positions = Math.max(positions, batch.position(t) + 1);
    }
    Angles known = angles.get(table);
    if (known == null || known.positions < positions) {
      known = compute(table, positions);
      angles.put(table, known);
    }
    return known;
  }

  private static Angles compute(RotaryTable table, int positions) {
    int pairs = table.frequencies().length;
    float[] cos = new float[Math.multiplyExact(positions, pairs)];
    float[] sin = new float[cos.length];
    for (int p = 0; p < positions; p++) {
      for (int i = 0; i < pairs; i++) {
        double angle = p * table.frequencies()[i];
        cos[p * pairs + i] = (float) (Math.cos(angle) * table.magnitude());
        sin[p * pairs + i] = (float) (Math.sin(angle) * table.magnitude());
      }
    }
    return new Angles(positions, cos, sin);
  }
}
