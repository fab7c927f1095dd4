package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * Functions made of the exponential, in float32. The exponential is {@code 2^n e^r} with {@code |r|
 * <= ln(2)/2} and a Taylor polynomial for {@code e^r}; within 2 units in the last place. Below -87
 * it gives 0; from 88 on it stays at e^88.
 *
 * <p>The exponential is written with vectors, over arrays, a linear function before and a factor
 * after it included: C2 does the first and last elements of plain loops one by one, which costs
 * short ranges most of their time. So long ones alone are left to it. An element's value does not
 * depend on where it lies.
 */
public final class Exp {
  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** Adding and subtracting it rounds to an integer, which then stands in the low bits. */
  private static final float ROUNDER = 0x1.8p23f;

  /** The bits of 1, whose exponent is the bias. */
  private static final int ONE = 0x3f800000;

  private static final int MANTISSA_BITS = 23;

  /** Twice the factor of GELU's tanh form. */
  private static final float GELU = (float) (2 * Math.sqrt(2 / Math.PI));

  private static final float LOWEST = -87f;
  private static final float HIGHEST = 88f;

  /** Elements that go through all loops before the next ones, to stay in the L1 cache. */
  public static final int BLOCK = 1024;

  private Exp() {}

  /**
   * {@code out[at + i] = factor * e^(scale * x[from + i] - minus)} for {@code count} elements;
   * {@code out} may be {@code x} if {@code at} is {@code from}.
   */
  public static void exp(
      float[] x, int from, float scale, float minus, float factor, float[] out, int at, int count) {
    int i = 0;
    for (; i <= count - COUNT; i += COUNT) {
      FloatVector y = FloatVector.fromArray(FLOATS, x, from + i).mul(scale).sub(minus);
      FloatVector clamped = y.min(HIGHEST).max(LOWEST);
      FloatVector shifted = clamped.mul(LOG2_E).add(ROUNDER);
      FloatVector n = shifted.sub(ROUNDER);
      FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -LN2_HIGH), clamped);
      r = n.fma(FloatVector.broadcast(FLOATS, -LN2_LOW), r);
      FloatVector p = r.mul(1f / 5040).add(1f / 720);
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f / 120));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f / 24));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f / 6));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f / 2));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
      FloatVector power =
          shifted.reinterpretAsInts().lanewise(LSHL, MANTISSA_BITS).add(ONE).reinterpretAsFloats();
      p.mul(power).mul(factor).blend(0f, y.lt(LOWEST)).intoArray(out, at + i);
    }
    for (; i < count; i++) {
      out[at + i] = factor * exp(x[from + i] * scale - minus);
    }
  }

  /** The same of one element, operation by operation. */
  private static float exp(float x) {
    float clamped = Math.max(Math.min(x, HIGHEST), LOWEST);
    float shifted = clamped * LOG2_E + ROUNDER;
    float n = shifted - ROUNDER;
    float r = Math.fma(n, -LN2_HIGH, clamped);
    r = Math.fma(n, -LN2_LOW, r);
    float p = r * (1f / 5040) + 1f / 720;
    p = Math.fma(p, r, 1f / 120);
    p = Math.fma(p, r, 1f / 24);
    p = Math.fma(p, r, 1f / 6);
    p = Math.fma(p, r, 1f / 2);
    p = Math.fma(p, r, 1f);
    p = Math.fma(p, r, 1f);
    float power = Float.intBitsToFloat((Float.floatToRawIntBits(shifted) << MANTISSA_BITS) + ONE);
    return x < LOWEST ? 0 : p * power;
  }

  /**
   * {@code s[i] = factor * e^(scale * s[i] - minus)} over {@code from .. to - 1}, a multiple of
   * every vector length.
   *
   * @param lanes working memory of {@link Lanes#SCRATCH} floats
   * @return the sum, always added in the same order
   */
  public static float expAndSum(
      float[] s, int from, int to, float scale, float minus, float factor, float[] lanes) {
    exp(s, from, scale, minus, factor, s, from, to - from);
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = from; i < to; i += COUNT) {
      sum = sum.add(FloatVector.fromArray(FLOATS, s, i));
    }
    sum.intoArray(lanes, 0);
    Lanes.sums(lanes, 0, 1, lanes, 0);
    return lanes[0];
  }

  /**
   * {@code out = gate * sigmoid(gate) * up}; {@code out} may be one of the others.
   *
   * @param work {@link #BLOCK} floats
   */
  public static void silu(float[] gate, float[] up, float[] out, int from, int to, float[] work) {
    for (int begin = from; begin < to; begin += BLOCK) {
      int count = Math.min(to - begin, BLOCK);
      exp(gate, begin, -1, 0, 1, work, 0, count);
      sigmoidGate(gate, up, out, begin, count, work);
    }
  }

  /**
   * {@code out = gelu(gate) * up} in its tanh form, which is {@code x sigmoid(2 u(x))}.
   *
   * @param work as for {@link #silu}
   */
  public static void gelu(float[] gate, float[] up, float[] out, int from, int to, float[] work) {
    for (int begin = from; begin < to; begin += BLOCK) {
      int count = Math.min(to - begin, BLOCK);
      for (int i = 0; i < count; i++) {
        float x = gate[begin + i];
        work[i] = (x * x * (-GELU * 0.044715f) - GELU) * x;
      }
      exp(work, 0, 1, 0, 1, work, 0, count);
      sigmoidGate(gate, up, out, begin, count, work);
    }
  }

  /** {@code out = gate * up / (1 + work)}. */
  private static void sigmoidGate(
      float[] gate, float[] up, float[] out, int from, int count, float[] work) {
    for (int i = 0; i < count; i++) {
      out[from + i] = gate[from + i] * up[from + i] / (work[i] + 1);
    }
  }

  /**
   * {@code out = cap * tanh(x / cap)}, as {@code cap - 2 cap / (e^(2x/cap) + 1)}; {@code out} is
   * not {@code x}.
   */
  public static void softcap(float[] x, float cap, float[] out, int from, int to) {
    float inverse = 1 / cap;
    for (int begin = from; begin < to; begin += BLOCK) {
      int end = Math.min(to, begin + BLOCK);
      exp(x, begin, 2 * inverse, 0, 1, out, begin, end - begin);
      for (int i = begin; i < end; i++) {
        out[i] = capped(x[i], x[i] * inverse, cap - 2 * cap / (out[i] + 1));
      }
    }
  }

  /** The difference would lose what is small: there the Taylor polynomial of tanh serves. */
  private static float capped(float x, float y, float large) {
    float square = y * y;
    float p = square * (-17f / 315) + 2f / 15;
    p = p * square - 1f / 3;
    p = p * square + 1;
    return square < 0.03f ? p * x : large;
  }
}
