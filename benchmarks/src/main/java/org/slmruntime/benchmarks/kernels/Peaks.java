package org.slmruntime.benchmarks.kernels;

import java.util.Arrays;
import java.util.function.IntConsumer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the machine can do with this many threads at this vector width.
 *
 * @param readGigabytes per second from memory, none of it in a cache
 * @param gigaflops of multiply-adds between registers, in float32
 */
public record Peaks(int threads, int bits, double readGigabytes, double gigaflops) {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int LINE_INTS = 16;
  private static final int ROUNDS = 7;
  private static final int FMA_ROUNDS = 20_000_000;

  /** Measures for about two seconds and takes the best of several rounds. */
  public static Peaks measure(int threads) {
    return new Peaks(threads, FLOATS.vectorBitSize(), reading(threads), multiplying(threads));
  }

  /** The better of this and another measurement, since a busy machine only takes away. */
  public Peaks better(Peaks other) {
    return new Peaks(
        threads,
        bits,
        Math.max(readGigabytes, other.readGigabytes),
        Math.max(gigaflops, other.gigaflops));
  }

  private static double reading(int threads) {
    int[][] data = new int[threads][(64 << 20) / threads];
    for (int[] part : data) {
      Arrays.fill(part, 1);
    }
    int[] kept = new int[threads];
    double best = 0;
    long bytes = (long) data[0].length * threads * Integer.BYTES;
    for (int i = 0; i < ROUNDS; i++) {
      best = Math.max(best, bytes / nanos(threads, t -> kept[t] += sum(data[t])));
      best = Math.max(best, bytes / nanos(threads, t -> kept[t] += touch(data[t])));
    }
    require(kept[0] != 0);
    return best;
  }

  /** Adds all, from four places at once. */
  private static int sum(int[] data) {
    int quarter = data.length / 4 / INTS.length() * INTS.length();
    return sum(data, quarter, IntVector.fromArray(INTS, data, 0));
  }

  private static int sum(int[] data, int quarter, IntVector first) {
    IntVector a = first;
    IntVector b = first;
    IntVector c = first;
    IntVector d = first;
    for (int i = 0; i < quarter; i += INTS.length()) {
      a = a.add(IntVector.fromArray(INTS, data, i));
      b = b.add(IntVector.fromArray(INTS, data, quarter + i));
      c = c.add(IntVector.fromArray(INTS, data, 2 * quarter + i));
      d = d.add(IntVector.fromArray(INTS, data, 3 * quarter + i));
    }
    return a.add(b).add(c.add(d)).lane(0);
  }

  /** Brings every line into the cache by reading one number of it: fewest instructions. */
  private static int touch(int[] data) {
    int sum = 0;
    for (int i = 0; i < data.length; i += LINE_INTS) {
      sum += data[i];
    }
    return sum;
  }

  private static double multiplying(int threads) {
    float[] kept = new float[threads];
    int lanes = FLOATS.length();
    float[] ones = new float[2 * lanes];
    Arrays.fill(ones, 0.5f);
    double operations = 2.0 * 12 * lanes * FMA_ROUNDS / 10 * threads;
    double best = 0;
    for (int i = 0; i < ROUNDS; i++) {
      double nanos =
          nanos(
              threads,
              t -> {
                for (int n = 0; n < 10; n++) {
                  kept[t] += multiply(ones, FMA_ROUNDS / 100);
                }
              });
      best = Math.max(best, operations / nanos);
    }
    require(kept[0] != 0);
    return best;
  }

  /** Twelve independent chains: enough for two units that take four cycles each. */
  private static float multiply(float[] start, int rounds) {
    FloatVector x = FloatVector.fromArray(FLOATS, start, 0);
    FloatVector y = FloatVector.fromArray(FLOATS, start, FLOATS.length());
    FloatVector a = x;
    FloatVector b = x;
    FloatVector c = x;
    FloatVector d = x;
    FloatVector e = x;
    FloatVector f = x;
    FloatVector g = x;
    FloatVector h = x;
    FloatVector i = x;
    FloatVector j = x;
    FloatVector k = x;
    FloatVector l = x;
    for (int n = 0; n < rounds; n++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
    }
    FloatVector sum = a.add(b).add(c.add(d)).add(e.add(f).add(g.add(h)));
    return sum.add(i.add(j)).add(k.add(l)).lane(0);
  }

  /** How long the slowest thread takes. */
  private static double nanos(int threads, IntConsumer work) {
    Thread[] others = new Thread[threads - 1];
    long start = System.nanoTime();
    for (int i = 0; i < others.length; i++) {
      int index = i + 1;
      others[i] = Thread.ofPlatform().daemon().start(() -> work.accept(index));
    }
    work.accept(0);
    for (Thread other : others) {
      join(other);
    }
    return System.nanoTime() - start;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while measuring", e);
    }
  }

  /** Keeps the compiler from leaving the work out. */
  private static void require(boolean happened) {
    if (!happened) {
      throw new IllegalStateException("the measured work was not done");
    }
  }
}
