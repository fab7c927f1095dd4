package org.slmruntime.cpu.ops;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.parallel.Team;
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

  public NormStep(Op.RmsNorm op, float[] x, float[] weight, float[] out, Team team) {
    super(op.input().rows(), op.input().width(), team);
    this.width = op.input().width();
    this.size = width / op.groups();
    this.shared = weight.length == size;
    this.epsilon = op.epsilon();
    this.x = x;
    this.weight = weight;
    this.out = out;
  }

  @Override
  void rows(StepInput input, int from, int to) {
    for (int start = from * width; start < to * width; start += size) {
      float squares = sumOfSquares(x, start, size);
      float factor = (float) (1 / Math.sqrt(squares / (double) size + epsilon));
      scale(x, start, factor, weight, shared ? 0 : start % width, out, size);
    }
  }

  private static float sumOfSquares(float[] x, int start, int size) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i <= size - COUNT; i += COUNT) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, start + i);
      sum = v.fma(v, sum);
    }
    float squares = sum.reduceLanes(VectorOperators.ADD);
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
