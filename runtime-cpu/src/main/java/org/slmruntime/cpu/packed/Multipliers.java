package org.slmruntime.cpu.packed;

import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2I;
import static org.slmruntime.cpu.packed.Panels.BLOCK;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.INTS;
import static org.slmruntime.cpu.vector.Lanes.SHORTS;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * A token's 8-bit activations as {@link CodeDots} multiplies with them.
 *
 * <p>A 16-bit value {@code z} with digits {@code z0 + 16 z1 + 256 z2 + 4096 z3} need not be taken
 * apart: with {@code w1 = z >>> 4}, {@code w2 = z >>> 8} and {@code w3 = z >>> 12}, each digit is
 * one of these less 16 times the next, so that {@code x0 z0 + x1 z1 + x2 z2 + x3 z3} is {@code x0 z
 * + (x1 - 16 x0) w1 + (x2 - 16 x1) w2 + (x3 - 16 x2) w3}. Sums wrap around at 16 bits on the way,
 * but the sum of a run fits, and so is right in the end. Stored codes are unsigned; a run's sum
 * begins with what that is too much.
 *
 * <p>Each is there twice, in both halves of 32 bits: a processor broadcasts those as it loads them,
 * but 16 bits with a shuffle.
 *
 * <p>For each run there is that beginning, and then the multipliers of each value's parts.
 *
 * <p>Of codes of 8 bits, whose runs are a value {@code z0 + 256 z1}, there are for each block the
 * multipliers of all lower columns, those of all upper ones, and then the beginnings, which make
 * sums positive too.
 */
public final class Multipliers {
  /** Values of a block, of two columns each. */
  private static final int VALUES = BLOCK / 2;

  private Multipliers() {}

  /** Multipliers of a token, for any width of codes. */
  public static int count(int columns) {
    return columns / 2 * 3;
  }

  /**
   * @param codes of the token
   * @param n columns, whole blocks
   */
  public static void make(PackedFormat.CodeWidth width, short[] codes, int n, int[] multipliers) {
    int to = 0;
    // The shortest runs are taken a block at a time.
    int step = width.multiplied() == PackedFormat.CodeWidth.EIGHT ? BLOCK : width.run;
    for (int c = 0; c < n; c += step) {
      to =
          switch (width) {
            case THREE -> threes(codes, c, multipliers, start(width, codes, c, multipliers, to));
            case FOUR ->
                COUNT == 4
                    ? foursByOne(codes, c, multipliers, start(width, codes, c, multipliers, to))
                    : fours(codes, c, multipliers, to);
            case FIVE -> fives(codes, c, multipliers, start(width, codes, c, multipliers, to));
            case SIX -> sixes(codes, c, multipliers, start(width, codes, c, multipliers, to));
            case EIGHT, LEVELS -> eights(codes, c, multipliers, to);
          };
    }
  }

  private static int start(
      PackedFormat.CodeWidth width, short[] codes, int c, int[] multipliers, int to) {
    int sum = 0;
    for (int i = 0; i < width.run; i++) {
      sum += codes[c + i];
    }
    multipliers[to] = both(-width.bias() * sum);
    return to + 1;
  }

  /**
   * The four columns of a value are 64 bits; shifted by one column, they show each the one before
   * it, and the first none.
   */
  private static int fours(short[] x, int c, int[] y, int to) {
    IntVector sum = IntVector.zero(INTS);
    for (int i = 0; i < BLOCK; i += COUNT) {
      ShortVector z = ShortVector.fromArray(SHORTS, x, c + i);
      ShortVector before = z.reinterpretAsLongs().lanewise(LSHL, 16).reinterpretAsShorts();
      ShortVector less = z.sub(before.lanewise(LSHL, 4));
      IntVector m = (IntVector) less.convertShape(S2I, INTS, 0);
      m.lanewise(LSHL, 16).or(m.and(0xffff)).intoArray(y, to + 1 + i);
      sum = sum.add(z.convertShape(S2I, INTS, 0));
    }
    y[to] = both(-PackedFormat.CodeWidth.FOUR.bias() * sum.reduceLanes(ADD));
    return to + 1 + BLOCK;
  }

  /** Where a vector would be of one long, which C2 does not keep in a register. */
  private static int foursByOne(short[] x, int c, int[] y, int to) {
    for (int i = c; i < c + BLOCK; i += 4, to += 4) {
      y[to] = both(x[i]);
      y[to + 1] = both(x[i + 1] - 16 * x[i]);
      y[to + 2] = both(x[i + 2] - 16 * x[i + 1]);
      y[to + 3] = both(x[i + 3] - 16 * x[i + 2]);
    }
    return to;
  }

  /** The sixth part of a value is a bit of the sixteenth column, the highest first. */
  private static int threes(short[] x, int c, int[] y, int to) {
    for (int i = 0; i < 3; i++, to += 6) {
      int k = c + 5 * i;
      y[to] = both(x[k]);
      y[to + 1] = both(x[k + 1] - 8 * x[k]);
      y[to + 2] = both(x[k + 2] - 8 * x[k + 1]);
      y[to + 3] = both(x[k + 3] - 8 * x[k + 2]);
      y[to + 4] = both(x[k + 4] - 8 * x[k + 3]);
      y[to + 5] = both((x[c + 15] << 2 - i) - 8 * x[k + 4]);
    }
    return to;
  }

  /** The fourth part of a value is a bit of the sixteenth column, the highest first. */
  private static int fives(short[] x, int c, int[] y, int to) {
    for (int i = 0; i < 5; i++, to += 4) {
      int k = c + 3 * i;
      y[to] = both(x[k]);
      y[to + 1] = both(x[k + 1] - 32 * x[k]);
      y[to + 2] = both(x[k + 2] - 32 * x[k + 1]);
      y[to + 3] = both((x[c + 15] << 4 - i) - 32 * x[k + 2]);
    }
    return to;
  }

  /** Low digits of the last two columns are in the first two values, high ones in the third. */
  private static int sixes(short[] x, int c, int[] y, int to) {
    for (int i = 0; i < 2; i++, to += 3) {
      int k = c + 2 * i;
      y[to] = both(x[k]);
      y[to + 1] = both(x[k + 1] - 64 * x[k]);
      y[to + 2] = both(x[c + 6 + i] - 64 * x[k + 1]);
    }
    y[to] = both(x[c + 4]);
    y[to + 1] = both(x[c + 5] - 64 * x[c + 4]);
    y[to + 2] = both(16 * x[c + 6] - 64 * x[c + 5]);
    y[to + 3] = both(16 * x[c + 7] - 64 * x[c + 6]);
    return to + 4;
  }

  /** Words of two columns at a time. */
  private static int eights(short[] x, int c, int[] y, int to) {
    for (int i = 0; i < VALUES; i += COUNT) {
      IntVector pair = ShortVector.fromArray(Panels.SHORTS, x, c + 2 * i).reinterpretAsInts();
      IntVector lower = pair.and(0xffff);
      IntVector upper = pair.lanewise(LSHR, 16).sub(lower.lanewise(LSHL, 8));
      IntVector begin = lower.add(pair.lanewise(LSHR, 16)).lanewise(LSHL, 7).neg().add(0x8000);
      lower.or(pair.lanewise(LSHL, 16)).intoArray(y, to + i);
      upper.and(0xffff).or(upper.lanewise(LSHL, 16)).intoArray(y, to + VALUES + i);
      begin.and(0xffff).or(begin.lanewise(LSHL, 16)).intoArray(y, to + 2 * VALUES + i);
    }
    return to + 3 * VALUES;
  }

  private static int both(int multiplier) {
    return multiplier << 16 | multiplier & 0xffff;
  }
}
