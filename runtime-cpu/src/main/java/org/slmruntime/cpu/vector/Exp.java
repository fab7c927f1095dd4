package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions made of the exponential, in float32. The exponential is {@code 2^n e^r} with {@code |r|
 * <= ln(2)/2} and a Taylor polynomial for {@code e^r}; within 2 units in the last place. Below -87
 * it gives 0; from 88 on it stays at e^88.
 */
public final class Exp {
  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** Adding and subtracting it rounds to an integer, which then stands in the low bits. */
  private static final float ROUNDER = 0x1.8p23f;

  /** Twice the factor of GELU's tanh form. */
  private static final float GELU = (float) (2 * Math.sqrt(2 / Math.PI));

  private static final float LOWEST = -87f;
  private static final float HIGHEST = 88f;

  private Exp() {}

  /** Lanes of e^x; 0 below -87. Small enough to be inlined into a loop. */
  private static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.min(HIGHEST).max(LOWEST);
    FloatVector shifted = clamped.mul(LOG2_E).add(ROUNDER);
    FloatVector n = shifted.sub(ROUNDER);
    FloatVector r = n.fma(broadcast(-LN2_HIGH), clamped);
    r = n.fma(broadcast(-LN2_LOW), r);
    FloatVector p = r.mul(1f / 5040).add(1f / 720);
    p = p.fma(r, broadcast(1f / 120));
    p = p.fma(r, broadcast(1f / 24));
    p = p.fma(r, broadcast(1f / 6));
    p = p.fma(r, broadcast(1f / 2));
    p = p.fma(r, broadcast(1f));
    p = p.fma(r, broadcast(1f));
    FloatVector power =
        shifted
            .reinterpretAsInts()
            .lanewise(VectorOperators.LSHL, 23)
            .add(0x3f800000)
            .reinterpretAsFloats();
    return p.mul(power).blend(0f, x.lt(LOWEST));
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }

  /**
   * {@code s[i] = e^(s[i] - max)} over {@code count} elements, a multiple of every vector length.
   *
   * @return the sum, always added in the same order
   */
  public static float expAndSum(float[] s, int from, int count, float max) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = from; i < from + count; i += COUNT) {
      FloatVector e = exp(FloatVector.fromArray(FLOATS, s, i).sub(max));
      e.intoArray(s, i);
      sum = sum.add(e);
    }
    return Lanes.sum(sum);
  }

  /** {@code out = gate * sigmoid(gate) * up}. */
  public static void silu(float[] gate, float[] up, float[] out, int from, int to) {
    int i = from;
    for (; i <= to - COUNT; i += COUNT) {
      FloatVector x = FloatVector.fromArray(FLOATS, gate, i);
      FloatVector u = FloatVector.fromArray(FLOATS, up, i);
      silu(x, u).intoArray(out, i);
    }
    if (i < to) {
      VectorMask<Float> rest = FLOATS.indexInRange(i, to);
      FloatVector x = FloatVector.fromArray(FLOATS, gate, i, rest);
      FloatVector u = FloatVector.fromArray(FLOATS, up, i, rest);
      silu(x, u).intoArray(out, i, rest);
    }
  }

  private static FloatVector silu(FloatVector x, FloatVector up) {
    return x.mul(up).div(exp(x.neg()).add(1f));
  }

  /** {@code out = gelu(gate) * up} in its tanh form, which is {@code x sigmoid(2 u(x))}. */
  public static void gelu(float[] gate, float[] up, float[] out, int from, int to) {
    int i = from;
    for (; i <= to - COUNT; i += COUNT) {
      FloatVector x = FloatVector.fromArray(FLOATS, gate, i);
      FloatVector u = FloatVector.fromArray(FLOATS, up, i);
      gelu(x, u).intoArray(out, i);
    }
    if (i < to) {
      VectorMask<Float> rest = FLOATS.indexInRange(i, to);
      FloatVector x = FloatVector.fromArray(FLOATS, gate, i, rest);
      FloatVector u = FloatVector.fromArray(FLOATS, up, i, rest);
      gelu(x, u).intoArray(out, i, rest);
    }
  }

  private static FloatVector gelu(FloatVector x, FloatVector up) {
    FloatVector inner = x.mul(x).mul(-GELU * 0.044715f).sub(GELU).mul(x);
    return x.mul(up).div(exp(inner).add(1f));
  }

  /** {@code out = cap * tanh(x / cap)}, as {@code cap - 2 cap / (e^(2x/cap) + 1)}. */
  public static void softcap(float[] x, float cap, float[] out, int from, int to) {
    int i = from;
    for (; i <= to - COUNT; i += COUNT) {
      softcap(FloatVector.fromArray(FLOATS, x, i), cap).intoArray(out, i);
    }
    if (i < to) {
      VectorMask<Float> rest = FLOATS.indexInRange(i, to);
      softcap(FloatVector.fromArray(FLOATS, x, i, rest), cap).intoArray(out, i, rest);
    }
  }

  /** The difference would lose what is small: there the Taylor polynomial of tanh serves. */
  private static FloatVector softcap(FloatVector x, float cap) {
    FloatVector y = x.mul(1 / cap);
    FloatVector e = exp(y.add(y)).add(1f);
    FloatVector large = broadcast(-2 * cap).div(e).add(cap);
    FloatVector square = y.mul(y);
    FloatVector p = square.mul(-17f / 315).add(2f / 15);
    p = p.fma(square, broadcast(-1f / 3));
    p = p.fma(square, broadcast(1f));
    return large.blend(p.mul(x), square.lt(0.03f));
  }
}
