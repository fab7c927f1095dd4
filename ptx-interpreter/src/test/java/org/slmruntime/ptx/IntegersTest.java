package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IntegersTest {
  private static final int THREADS = 96;

  private final Samples samples = new Samples();

  private interface Formula {
    long of(long a, long b, long c);
  }

  /** Compares instructions with formulas over the same random inputs. */
  private void check(Map<String, Formula> cases) {
    cases.forEach(
        (instruction, formula) -> {
          long[] a = samples.longs(THREADS);
          long[] b = samples.longs(THREADS);
          long[] c = samples.longs(THREADS);
          long[] results = Lab.perThread(instruction, a, b, c);
          for (int i = 0; i < THREADS; i++) {
            int thread = i;
            assertEquals(
                formula.of(a[i], b[i], c[i]),
                results[i],
                () ->
                    instruction
                        + " of "
                        + a[thread]
                        + ", "
                        + b[thread]
                        + ", "
                        + c[thread]
                        + ", seed "
                        + Lab.SEED);
          }
        });
  }

  private static long u32(long x) {
    return x & 0xffffffffL;
  }

  private static long u16(long x) {
    return x & 0xffff;
  }

  @Test
  void addsAndMultipliesWithWrapAround() {
    Map<String, Formula> cases = new LinkedHashMap<>();
    cases.put("add.s32 %r20, %r10, %r11;", (a, b, c) -> u32(a + b));
    cases.put("add.u64 %rd20, %rd10, %rd11;", (a, b, c) -> a + b);
    cases.put("add.u16 %h20, %h10, %h11;", (a, b, c) -> u16(a + b));
    cases.put("sub.u32 %r20, %r10, %r11;", (a, b, c) -> u32(a - b));
    cases.put("sub.s64 %rd20, %rd10, 7;", (a, b, c) -> a - 7);
    cases.put("mul.lo.s32 %r20, %r10, %r11;", (a, b, c) -> u32(a * b));
    cases.put("mul.lo.u16 %h20, %h10, %h11;", (a, b, c) -> u16(a * b));
    cases.put("mad.lo.s32 %r20, %r10, %r11, %r12;", (a, b, c) -> u32(a * b + c));
    cases.put("mul.lo.s64 %rd20, %rd10, %rd11;", (a, b, c) -> a * b);
    cases.put("mad.lo.s64 %rd20, %rd10, %rd11, %rd12;", (a, b, c) -> a * b + c);
    check(cases);
  }

  @Test
  void keepsHighHalvesAndWideProducts() {
    Map<String, Formula> cases = new LinkedHashMap<>();
    cases.put("mul.hi.s32 %r20, %r10, %r11;", (a, b, c) -> u32((int) a * (long) (int) b >> 32));
    cases.put("mul.hi.u32 %r20, %r10, %r11;", (a, b, c) -> u32(a) * u32(b) >>> 32);
    cases.put("mul.hi.u64 %rd20, %rd10, %rd11;", IntegersTest::highUnsigned);
    cases.put("mul.hi.s64 %rd20, %rd10, %rd11;", (a, b, c) -> high(signed(a), signed(b)));
    cases.put("mul.wide.s32 %rd20, %r10, %r11;", (a, b, c) -> (int) a * (long) (int) b);
    cases.put("mul.wide.u32 %rd20, %r10, %r11;", (a, b, c) -> u32(a) * u32(b));
    cases.put("mul.wide.s16 %r20, %h10, %h11;", (a, b, c) -> u32((short) a * (short) b));
    cases.put("mul.wide.u16 %r20, %h10, %h11;", (a, b, c) -> u32(u16(a) * u16(b)));
    cases.put("mad.wide.s32 %rd20, %r10, %r11, %rd12;", (a, b, c) -> (int) a * (long) (int) b + c);
    cases.put("mad.wide.u32 %rd20, %r10, %r11, %rd12;", (a, b, c) -> u32(a) * u32(b) + c);
    cases.put("mad.hi.u32 %r20, %r10, %r11, %r12;", (a, b, c) -> u32((u32(a) * u32(b) >>> 32) + c));
    check(cases);
  }

  private static BigInteger signed(long x) {
    return BigInteger.valueOf(x);
  }

  private static long high(BigInteger a, BigInteger b) {
    return a.multiply(b).shiftRight(64).longValue();
  }

  private static long highUnsigned(long a, long b, long c) {
    return high(new BigInteger(Long.toUnsignedString(a)), new BigInteger(Long.toUnsignedString(b)));
  }

  @Test
  void divides() {
    Map<String, Formula> cases = new LinkedHashMap<>();
    cases.put(
        "or.b32 %r11, %r11, 1;\ndiv.s32 %r20, %r10, %r11;",
        (a, b, c) -> u32((int) a / (long) ((int) b | 1)));
    cases.put(
        "or.b32 %r11, %r11, 1;\nrem.s32 %r20, %r10, %r11;",
        (a, b, c) -> u32((int) a % ((int) b | 1)));
    cases.put(
        "or.b32 %r11, %r11, 1;\ndiv.u32 %r20, %r10, %r11;", (a, b, c) -> u32(a) / (u32(b) | 1));
    cases.put(
        "or.b64 %rd11, %rd11, 1;\nrem.u64 %rd20, %rd10, %rd11;",
        (a, b, c) -> Long.remainderUnsigned(a, b | 1));
    cases.put("or.b64 %rd11, %rd11, 1;\ndiv.s64 %rd20, %rd10, %rd11;", (a, b, c) -> a / (b | 1));
    check(cases);
  }

  @Test
  void comparesAndBounds() {
    Map<String, Formula> cases = new LinkedHashMap<>();
    cases.put("min.s32 %r20, %r10, %r11;", (a, b, c) -> u32(Math.min((int) a, (int) b)));
    cases.put("max.u32 %r20, %r10, %r11;", (a, b, c) -> Math.max(u32(a), u32(b)));
    cases.put("min.u16 %h20, %h10, %h11;", (a, b, c) -> Math.min(u16(a), u16(b)));
    cases.put("max.s64 %rd20, %rd10, %rd11;", (a, b, c) -> Math.max(a, b));
    cases.put("abs.s32 %r20, %r10;", (a, b, c) -> u32(Math.abs((int) a)));
    cases.put("neg.s16 %h20, %h10;", (a, b, c) -> u16(-a));
    cases.put(
        "sad.s32 %r20, %r10, %r11, %r12;",
        (a, b, c) -> u32(Math.max((int) a, (int) b) - Math.min((int) a, (int) b) + c));
    cases.put(
        "add.sat.s32 %r20, %r10, %r11;",
        (a, b, c) ->
            u32(Math.clamp((int) a + (long) (int) b, Integer.MIN_VALUE, Integer.MAX_VALUE)));
    cases.put("setp.lt.s32 %p20, %r10, %r11;", (a, b, c) -> (int) a < (int) b ? 1 : 0);
    cases.put("setp.hs.u32 %p20, %r10, %r11;", (a, b, c) -> u32(a) >= u32(b) ? 1 : 0);
    cases.put(
        "setp.gt.u64 %p20, %rd10, %rd11;", (a, b, c) -> Long.compareUnsigned(a, b) > 0 ? 1 : 0);
    cases.put("setp.le.s16 %p20, %h10, %h11;", (a, b, c) -> (short) a <= (short) b ? 1 : 0);
    cases.put("setp.eq.s32 %p20, %r10, 1;", (a, b, c) -> (int) a == 1 ? 1 : 0);
    cases.put("slct.b32.s32 %r20, %r10, %r11, %r12;", (a, b, c) -> u32((int) c >= 0 ? a : b));
    check(cases);
  }

  @Test
  void combinesPredicates() {
    Map<String, Formula> cases = new LinkedHashMap<>();
    cases.put(
        "setp.lt.s32 %p1, %r10, %r11;\nsetp.ne.and.s32 %p20, %r12, 0, %p1;",
        (a, b, c) -> (int) c != 0 && (int) a < (int) b ? 1 : 0);
    cases.put(
        "setp.lt.s32 %p1, %r10, %r11;\nsetp.gt.or.s32 %p2|%p20, %r12, 0, !%p1;",
        (a, b, c) -> (int) c <= 0 || (int) a >= (int) b ? 1 : 0);
    cases.put(
        "setp.lt.s32 %p1, %r10, 0;\nsetp.lt.s32 %p2, %r11, 0;\nxor.pred %p20, %p1, %p2;",
        (a, b, c) -> (int) a < 0 ^ (int) b < 0 ? 1 : 0);
    cases.put("setp.lt.s32 %p1, %r10, 0;\nnot.pred %p20, %p1;", (a, b, c) -> (int) a < 0 ? 0 : 1);
    check(cases);
  }

  @Test
  void multipliesPackedBytes() {
    Map<String, Formula> cases = new LinkedHashMap<>();
    cases.put("dp4a.s32.s32 %r20, %r10, %r11, %r12;", (a, b, c) -> u32(dot4(a, true, b, true) + c));
    cases.put(
        "dp4a.u32.s32 %r20, %r10, %r11, %r12;", (a, b, c) -> u32(dot4(a, false, b, true) + c));
    cases.put(
        "dp4a.u32.u32 %r20, %r10, %r11, %r12;", (a, b, c) -> u32(dot4(a, false, b, false) + c));
    cases.put(
        "dp2a.lo.s32.u32 %r20, %r10, %r11, %r12;",
        (a, b, c) -> u32((short) a * (b & 255) + (short) (a >> 16) * (b >> 8 & 255) + c));
    check(cases);
  }

  private static long dot4(long a, boolean aSigned, long b, boolean bSigned) {
    long sum = 0;
    for (int i = 0; i < 4; i++) {
      long x = a >> 8 * i;
      long y = b >> 8 * i;
      sum += (aSigned ? (byte) x : x & 255) * (bSigned ? (byte) y : y & 255);
    }
    return sum;
  }
}
