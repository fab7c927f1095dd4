package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CollectivesTest {
  private static final int THREADS = 64;

  private final Samples samples = new Samples();

  private interface Formula {
    long of(long[] values, int thread);
  }

  private void check(String instruction, Formula formula) {
    long[] values =
        java.util.Arrays.stream(samples.longs(THREADS)).map(x -> x & 0xffffffffL).toArray();
    long[] results = Lab.perThread(instruction, values);
    for (int i = 0; i < THREADS; i++) {
      assertEquals(
          formula.of(values, i), results[i], instruction + ", thread " + i + ", seed " + Lab.SEED);
    }
  }

  @Test
  void shuffles() {
    check("shfl.sync.bfly.b32 %r20, %r10, 5, 31, -1;", (v, i) -> v[i ^ 5]);
    check("shfl.sync.down.b32 %r20, %r10, 3, 31, -1;", (v, i) -> v[i % 32 + 3 < 32 ? i + 3 : i]);
    check("shfl.sync.up.b32 %r20, %r10, 3, 0, -1;", (v, i) -> v[i % 32 >= 3 ? i - 3 : i]);
    check("shfl.sync.idx.b32 %r20, %r10, 7, 31, -1;", (v, i) -> v[i / 32 * 32 + 7]);
    check("shfl.sync.idx.b32 %r20, %r10, 2, 0x181f, -1;", (v, i) -> v[i / 8 * 8 + 2]);
    check("shfl.sync.bfly.b32 %r20, %r10, 1, 0x1c1f, -1;", (v, i) -> v[i ^ 1]);
    check(
        "shfl.sync.down.b32 %r2|%p20, %r10, 4, 0x181f, -1;\nselp.u32 %r20, 1, 0, %p20;",
        (v, i) -> i % 8 + 4 < 8 ? 1 : 0);
  }

  @Test
  void votes() {
    String negative = "setp.lt.s32 %p1, %r10, 0;\n";
    check(negative + "vote.sync.ballot.b32 %r20, %p1, -1;", (v, i) -> ballot(v, i));
    check(negative + "vote.sync.any.pred %p20, %p1, -1;", (v, i) -> ballot(v, i) != 0 ? 1 : 0);
    check(negative + "vote.sync.all.pred %p20, !%p1, -1;", (v, i) -> ballot(v, i) == 0 ? 1 : 0);
    check(negative + "@!%p1 mov.b32 %r10, 0;\nactivemask.b32 %r20;", (v, i) -> 0xffffffffL);
  }

  private static long ballot(long[] values, int thread) {
    long result = 0;
    for (int lane = 0; lane < 32; lane++) {
      result |= (int) values[thread / 32 * 32 + lane] < 0 ? 1L << lane : 0;
    }
    return result;
  }

  @Test
  void reducesAndMatches() {
    check("redux.sync.max.s32 %r20, %r10, -1;", (v, i) -> reduce(v, i, Math::max) & 0xffffffffL);
    check("redux.sync.add.s32 %r20, %r10, -1;", (v, i) -> reduce(v, i, Integer::sum) & 0xffffffffL);
    check(
        "redux.sync.xor.b32 %r20, %r10, -1;",
        (v, i) -> reduce(v, i, (a, b) -> a ^ b) & 0xffffffffL);
    check(
        "and.b32 %r10, %r10, 3;\nmatch.any.sync.b32 %r20, %r10, -1;",
        (v, i) -> {
          long result = 0;
          for (int lane = 0; lane < 32; lane++) {
            result |= (v[i / 32 * 32 + lane] & 3) == (v[i] & 3) ? 1L << lane : 0;
          }
          return result;
        });
  }

  private static int reduce(long[] values, int thread, java.util.function.IntBinaryOperator f) {
    int result = (int) values[thread / 32 * 32];
    for (int lane = 1; lane < 32; lane++) {
      result = f.applyAsInt(result, (int) values[thread / 32 * 32 + lane]);
    }
    return result;
  }

  @Test
  void letsHalvesOfAWarpWorkByThemselves() {
    check(
        """
        and.b32 %r2, %r1, 16;
        setp.eq.u32 %p1, %r2, 0;
        @%p1 bra LOW;
        shfl.sync.bfly.b32 %r20, %r10, 1, 31, 0xffff0000;
        bra END;
        LOW:
        shfl.sync.bfly.b32 %r20, %r10, 2, 31, 0x0000ffff;
        END:
        mov.b32 %r20, %r20;
        """,
        (v, i) -> v[(i & 16) == 0 ? i ^ 2 : i ^ 1]);
  }

  private static Runnable run(String body, int threads) {
    return () -> Lab.checked().run("", body, threads);
  }

  @Test
  void failsWhereANamedLaneIsElsewhere() {
    String some = "setp.lt.u32 %p1, %r1, 16;\n@%p1 bra L;\n";
    String shuffle = "shfl.sync.bfly.b32 %r2, %r1, 1, 31, MASK;\n";
    run(some + "L:\n" + shuffle.replace("MASK", "-1"), 32).run();
    Lab.assertFails("has ended", run(some + shuffle.replace("MASK", "-1") + "L:", 32));
    run(some + shuffle.replace("MASK", "0xffff0000") + "L:", 32).run();
    Lab.assertFails(
        "not among those it names", run(some + shuffle.replace("MASK", "0xffff") + "L:", 32));
    Lab.assertFails("has ended", run(shuffle.replace("MASK", "-1"), 31));
  }

  @Test
  void failsWhereLanesWaitAtDifferentPlaces() {
    String body =
        """
        setp.lt.u32 %p1, %r1, 16;
        @%p1 bra L;
        shfl.sync.bfly.b32 %r2, %r1, 1, 31, -1;
        bra END;
        L:
        shfl.sync.bfly.b32 %r2, %r1, 1, 31, -1;
        END:
        """;
    Lab.assertFails("wait for each other", run(body, 32));
  }

  @Test
  void failsWhereALaneReadsOneThatTakesNoPart() {
    String body =
        "setp.lt.u32 %p1, %r1, 16;\n@%p1 bra L;\nshfl.sync.bfly.b32 %r2, %r1, 16, 31, 0xffff0000;\nL:";
    Lab.assertFails("does not take part", run(body, 32));
  }
}
