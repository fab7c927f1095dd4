package org.slmruntime.cpu.ops;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.graph.Op;

/** Root mean square norm of each part of each row. */
public final class NormStep extends RowsStep {
  private final int width;
  private final int size;
  private final boolean shared;
  private final float epsilon;
  private final float[] x;
  private final float[] weight;
  private final float[] out;
  private final float[][] lanes;

  /**
   * @param lanes working memory for each thread, as {@link Lanes#SCRATCH}
   */
  public NormStep(
      Op.RmsNorm op, float[] x, float[] weight, float[] out, float[][] lanes, Team team) {
    super(op.input().rows(), op.input().width(), team);
    this.width = op.input().width();
    this.size = width / op.groups();
    this.shared = weight.length == size;
    this.epsilon = op.epsilon();
    this.x = x;
    this.weight = weight;
    this.out = out;
    this.lanes = lanes;
  }

  @Override
  void rows(StepInput input, int from, int to, int worker) {
    for (int start = from * width; start < to * width; start += size) {
      float squares = sumOfSquares(x, start, size, lanes[worker]);
      float factor = (float) (1 / Math.sqrt(squares / (double) size + epsilon));
      scale(x, start, factor, weight, shared ? 0 : start % width, out, size);
    }
  }

  private static float sumOfSquares(float[] x, int start, int size, float[] lanes) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i <= size - COUNT; i += COUNT) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, start + i);
      sum = v.fma(v, sum);
    }
    sum.intoArray(lanes, 0);
    Lanes.sums(lanes, 0, 1, lanes, 0);
    float squares = lanes[0];
    for (; i < size; i++) {
      squares += x[start + i] * x[start + i];
    }
    return squares;
  }

  private static void scale(
      float[] x, int start, float factor, float[] weight, int w, float[] out, int size) {
    int i = 0;
    for (; i <= size - COUNT; i += COUNT) {
      FloatVector.fromArray(FLOATS, x, start + i)
          .mul(factor)
          .mul(FloatVector.fromArray(FLOATS, weight, w + i))
          .intoArray(out, start + i);
    }
    for (; i < size; i++) {
      out[start + i] = x[start + i] * factor * weight[w + i];
    }
  }
}
