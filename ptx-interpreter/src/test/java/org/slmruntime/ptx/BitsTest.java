package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class BitsTest {
  private static final int THREADS = 96;

  private final Samples samples = new Samples();

  private interface Formula {
    long of(long a, long b, long c);
  }

  private void check(String instruction, Formula formula) {
    long[] a = samples.longs(THREADS);
    long[] b = samples.longs(THREADS);
    long[] c = samples.longs(THREADS);
    long[] results = Lab.perThread(instruction, a, b, c);
    for (int i = 0; i < THREADS; i++) {
      String what = instruction + " of " + a[i] + ", " + b[i] + ", " + c[i] + ", seed " + Lab.SEED;
      assertEquals(formula.of(a[i], b[i], c[i]), results[i], what);
    }
  }

  private static long u32(long x) {
    return x & 0xffffffffL;
  }

  @Test
  void combinesBits() {
    check("and.b32 %r20, %r10, %r11;", (a, b, c) -> u32(a & b));
    check("or.b64 %rd20, %rd10, %rd11;", (a, b, c) -> a | b);
    check("xor.b16 %h20, %h10, %h11;", (a, b, c) -> (a ^ b) & 0xffff);
    check("not.b32 %r20, %r10;", (a, b, c) -> u32(~a));
    check("lop3.b32 %r20, %r10, %r11, %r12, 0xe8;", (a, b, c) -> u32(a & b | a & c | b & c));
    check("lop3.b32 %r20, %r10, %r11, %r12, 0x96;", (a, b, c) -> u32(a ^ b ^ c));
    check("lop3.b32 %r20, %r10, %r11, %r12, 0xca;", (a, b, c) -> u32(a & b | ~a & c));
  }

  /** Amounts beyond the width shift everything out. */
  @Test
  void shifts() {
    check("shl.b32 %r20, %r10, %r11;", (a, b, c) -> u32(b) < 32 ? u32(a << b) : 0);
    check("shr.u32 %r20, %r10, %r11;", (a, b, c) -> u32(b) < 32 ? u32(a) >>> b : 0);
    check("shr.s32 %r20, %r10, %r11;", (a, b, c) -> u32((int) a >> Math.min(u32(b), 31)));
    check("shl.b64 %rd20, %rd10, %r11;", (a, b, c) -> u32(b) < 64 ? a << b : 0);
    check("shr.s64 %rd20, %rd10, %r11;", (a, b, c) -> a >> Math.min(u32(b), 63));
    check("shr.s16 %h20, %h10, %r11;", (a, b, c) -> (short) a >> Math.min(u32(b), 15) & 0xffff);
    check("shf.l.wrap.b32 %r20, %r10, %r11, %r12;", (a, b, c) -> join(b, a) << (c & 31) >>> 32);
    check("shf.r.wrap.b32 %r20, %r10, %r11, %r12;", (a, b, c) -> u32(join(b, a) >>> (c & 31)));
    check(
        "shf.r.clamp.b32 %r20, %r10, %r11, %r12;",
        (a, b, c) -> u32(join(b, a) >>> Math.min(u32(c), 32)));
  }

  private static long join(long high, long low) {
    return high << 32 | u32(low);
  }

  @Test
  void countsBits() {
    check("popc.b32 %r20, %r10;", (a, b, c) -> Integer.bitCount((int) a));
    check("popc.b64 %r20, %rd10;", (a, b, c) -> Long.bitCount(a));
    check("clz.b32 %r20, %r10;", (a, b, c) -> Integer.numberOfLeadingZeros((int) a));
    check("clz.b64 %r20, %rd10;", (a, b, c) -> Long.numberOfLeadingZeros(a));
    check("brev.b32 %r20, %r10;", (a, b, c) -> u32(Integer.reverse((int) a)));
    check("bfind.u32 %r20, %r10;", (a, b, c) -> u32(31 - Integer.numberOfLeadingZeros((int) a)));
    check(
        "bfind.s32 %r20, %r10;",
        (a, b, c) -> u32(31 - Integer.numberOfLeadingZeros((int) a < 0 ? ~(int) a : (int) a)));
  }

  @Test
  void permutesBytes() {
    check(
        "prmt.b32 %r20, %r10, %r11, %r12;",
        (a, b, c) -> {
          long result = 0;
          for (int i = 0; i < 4; i++) {
            int selector = (int) (c >> 4 * i) & 15;
            long value = join(b, a) >>> 8 * (selector & 7) & 255;
            result |= (selector > 7 ? value > 127 ? 255 : 0 : value) << 8 * i;
          }
          return result;
        });
  }

  @Test
  void cutsAndPutsBitFields() {
    check(
        "bfe.u32 %r20, %r10, %r11, %r12;", (a, b, c) -> field(u32(a), b & 255, c & 255, false, 32));
    check(
        "bfe.s32 %r20, %r10, %r11, %r12;",
        (a, b, c) -> u32(field((int) a, b & 255, c & 255, true, 32)));
    check("bfe.s64 %rd20, %rd10, %r11, %r12;", (a, b, c) -> field(a, b & 255, c & 255, true, 64));
    check(
        "bfi.b32 %r20, %r10, %r11, 5, %r12;",
        (a, b, c) -> {
          BigInteger window = ones((int) (c & 255)).shiftLeft(5).and(ones(32));
          BigInteger value = BigInteger.valueOf(u32(a)).shiftLeft(5).and(window);
          return BigInteger.valueOf(u32(b)).andNot(window).or(value).longValue();
        });
  }

  private static BigInteger ones(int count) {
    return BigInteger.ONE.shiftLeft(count).subtract(BigInteger.ONE);
  }

  /** Bits beyond the value are its sign, or zero. */
  private static long field(long x, long at, long length, boolean signed, int bits) {
    if (length == 0) {
      return 0;
    }
    BigInteger part = BigInteger.valueOf(x);
    if (!signed) {
      part = part.and(ones(bits));
    }
    part = part.shiftRight((int) at).and(ones((int) length));
    boolean negative = signed && part.testBit((int) length - 1);
    return (negative ? part.subtract(BigInteger.ONE.shiftLeft((int) length)) : part).longValue();
  }

  @Test
  void packsAndUnpacks() {
    check("mov.b64 %rd20, {%r10, %r11};", (a, b, c) -> join(b, a));
    check("mov.b64 {%r20, %r21}, %rd10;\nmov.b32 %r20, %r21;", (a, b, c) -> a >>> 32);
    check(
        "mov.b32 {%h20, %h21}, %r10;\nadd.u16 %h20, %h20, %h21;",
        (a, b, c) -> a + (a >> 16) & 0xffff);
    check("mov.b32 {_, %h20}, %r10;", (a, b, c) -> a >> 16 & 0xffff);
    check("mov.b32 %r20, {%h10, %h11};", (a, b, c) -> a & 0xffff | (b & 0xffff) << 16);
    check(
        "setp.lt.s32 %p1, %r10, %r11;\nselp.b64 %rd20, %rd10, %rd12, %p1;",
        (a, b, c) -> (int) a < (int) b ? a : c);
  }
}
