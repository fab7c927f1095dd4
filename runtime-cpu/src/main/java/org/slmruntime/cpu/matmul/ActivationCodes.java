package org.slmruntime.cpu.matmul;

import static org.slmruntime.cpu.packed.Panels.BLOCK;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;
import static org.slmruntime.cpu.vector.Lanes.INTS;
import static org.slmruntime.cpu.vector.Lanes.SHORTS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** Rounds activations to 8 bits, block by block. */
final class ActivationCodes {
  /** Numbers this large have no fraction: adding it rounds. */
  private static final float TO_INTEGER = 0x1.8p23f;

  private static final float LARGEST_CODE = 127;

  /** Blocks of less are zeros: the inverse of their scale has no float32. */
  private static final float SMALLEST = LARGEST_CODE * Float.MIN_NORMAL;

  private ActivationCodes() {}

  /**
   * Rounds {@code n} activations from {@code at} on, whole blocks: {@code code = round(x / scale)}
   * with {@code scale = max|x| / 127}. A block with a number that is not finite has codes of zero
   * and a scale of NaN, so that NaN comes out.
   */
  static void round(float[] x, int at, int n, short[] codes, float[] scales, float[] sums) {
    for (int c = at; c < at + n; c += BLOCK) {
      float max = largest(x, c);
      boolean finite = max <= Float.MAX_VALUE;
      boolean some = finite && max >= SMALLEST;
      float scale = some ? max / LARGEST_CODE : finite ? 0 : Float.NaN;
      int sum = roundBlock(x, c, some ? 1 / scale : 0, codes);
      scales[c / BLOCK] = scale;
      sums[c / BLOCK] = scale * sum;
    }
  }

  private static float largest(float[] x, int at) {
    FloatVector max = FloatVector.zero(FLOATS);
    for (int i = at; i < at + BLOCK; i += COUNT) {
      max = max.max(FloatVector.fromArray(FLOATS, x, i).abs());
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  /** Rounds to the nearest, halves to even; what is no number becomes zero. */
  private static int roundBlock(float[] x, int at, float inverse, short[] codes) {
    IntVector sum = IntVector.zero(INTS);
    for (int i = at; i < at + BLOCK; i += COUNT) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i).mul(inverse);
      v = v.add(TO_INTEGER).sub(TO_INTEGER);
      IntVector code = (IntVector) v.convert(VectorOperators.F2I, 0);
      sum = sum.add(code);
      ((ShortVector) code.convertShape(VectorOperators.I2S, SHORTS, 0)).intoArray(codes, i);
    }
    return sum.reduceLanes(VectorOperators.ADD);
  }
}
