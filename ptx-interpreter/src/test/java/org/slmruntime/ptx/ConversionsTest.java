package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class ConversionsTest {
  private static final int THREADS = 256;

  private final Samples samples = new Samples();

  private interface Formula {
    long of(long a);
  }

  private void check(String instruction, long[] inputs, Formula formula) {
    long[] results = Lab.perThread(instruction, inputs);
    for (int i = 0; i < inputs.length; i++) {
      assertEquals(
          formula.of(inputs[i]),
          results[i],
          instruction + " of " + Long.toHexString(inputs[i]) + ", seed " + Lab.SEED);
    }
  }

  private static long u32(long x) {
    return x & 0xffffffffL;
  }

  private static long bits(float x) {
    return u32(Float.isNaN(x) ? 0x7fffffff : Float.floatToRawIntBits(x));
  }

  private static float f(long bits) {
    return Float.intBitsToFloat((int) bits);
  }

  @Test
  void cutsAndExtendsIntegers() {
    check("cvt.s64.s32 %rd20, %r10;", samples.longs(THREADS), a -> (int) a);
    check("cvt.u64.u32 %rd20, %r10;", samples.longs(THREADS), a -> u32(a));
    check("cvt.u32.u64 %r20, %rd10;", samples.longs(THREADS), a -> u32(a));
    check("cvt.s32.s8 %r20, %r10;", samples.longs(THREADS), a -> u32((byte) a));
    check("cvt.u32.u8 %r20, %r10;", samples.longs(THREADS), a -> a & 255);
    check("cvt.s16.s8 %h20, %h10;", samples.longs(THREADS), a -> (byte) a & 0xffff);
    check("cvt.s32.s16 %r20, %h10;", samples.longs(THREADS), a -> u32((short) a));
    check("cvt.u32.u16 %r20, %h10;", samples.longs(THREADS), a -> a & 0xffff);
    check("cvt.s64.s16 %rd20, %h10;", samples.longs(THREADS), a -> (short) a);
    check(
        "cvt.sat.s8.s32 %r20, %r10;",
        samples.longs(THREADS), a -> u32(Math.clamp((int) a, -128, 127)));
    check("cvt.sat.u8.s32 %r20, %r10;", samples.longs(THREADS), a -> Math.clamp((int) a, 0, 255));
    check("cvt.sat.s32.s64 %r20, %rd10;", samples.longs(THREADS), a -> u32(Integers.clamp(a)));
    check(
        "cvt.sat.s32.u32 %r20, %r10;",
        samples.longs(THREADS), a -> Math.min(u32(a), Integer.MAX_VALUE));
  }

  @Test
  void convertsIntegersToFloats() {
    check("cvt.rn.f32.s32 %r20, %r10;", samples.longs(THREADS), a -> bits((int) a));
    check("cvt.rn.f32.u32 %r20, %r10;", samples.longs(THREADS), a -> bits(u32(a)));
    check("cvt.rn.f32.s64 %r20, %rd10;", samples.longs(THREADS), a -> bits(a));
    check(
        "cvt.rn.f32.u64 %r20, %rd10;", samples.longs(THREADS), a -> bits(unsigned(a).floatValue()));
    check("cvt.rn.f32.u8 %r20, %r10;", samples.longs(THREADS), a -> bits(a & 255));
    check("cvt.rn.f32.s16 %r20, %h10;", samples.longs(THREADS), a -> bits((short) a));
    check(
        "cvt.rn.f64.s64 %rd20, %rd10;", samples.longs(THREADS), a -> Double.doubleToRawLongBits(a));
    check(
        "cvt.rn.f64.u64 %rd20, %rd10;",
        samples.longs(THREADS), a -> Double.doubleToRawLongBits(unsigned(a).doubleValue()));
    check(
        "cvt.rz.f32.s32 %r20, %r10;",
        samples.longs(THREADS), a -> bits(Exact.directed(BigDecimal.valueOf((int) a), "rz")));
    check(
        "cvt.rn.f16.s32 %h20, %r10;",
        samples.longs(THREADS), a -> Exact.nearest(BigDecimal.valueOf((int) a), Exact::half));
  }

  private static BigInteger unsigned(long x) {
    return new BigInteger(Long.toUnsignedString(x));
  }

  @Test
  void convertsFloatsToIntegersWithinTheirLimits() {
    check("cvt.rzi.s32.f32 %r20, %r10;", samples.floats(THREADS), a -> u32((int) f(a)));
    check("cvt.rzi.s64.f32 %rd20, %r10;", samples.floats(THREADS), a -> nan64(f(a), (long) f(a)));
    check("cvt.rni.s32.f32 %r20, %r10;", samples.floats(THREADS), a -> u32((int) Math.rint(f(a))));
    check("cvt.rmi.s32.f32 %r20, %r10;", samples.floats(THREADS), a -> u32((int) Math.floor(f(a))));
    check("cvt.rpi.s32.f32 %r20, %r10;", samples.floats(THREADS), a -> u32((int) Math.ceil(f(a))));
    check(
        "cvt.rni.sat.s8.f32 %r20, %r10;",
        samples.floats(THREADS), a -> u32(Math.clamp((int) Math.rint(f(a)), -128, 127)));
    check(
        "cvt.rzi.u32.f32 %r20, %r10;",
        samples.floats(THREADS), a -> Math.clamp((long) f(a), 0, 0xffffffffL));
    check(
        "cvt.rzi.u16.f32 %h20, %r10;",
        samples.floats(THREADS), a -> Math.clamp((long) f(a), 0, 0xffff));
    check(
        "cvt.rzi.u64.f64 %rd20, %rd10;",
        samples.doubles(THREADS), a -> toUnsigned(Double.longBitsToDouble(a)));
  }

  private static long nan64(float x, long value) {
    return Float.isNaN(x) ? Long.MIN_VALUE : value;
  }

  private static long toUnsigned(double x) {
    if (Double.isNaN(x)) {
      return Long.MIN_VALUE;
    }
    if (Double.isInfinite(x)) {
      return x > 0 ? -1 : 0;
    }
    BigInteger most = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    return new BigDecimal(x).toBigInteger().max(BigInteger.ZERO).min(most).longValue();
  }

  @Test
  void convertsBetweenFloats() {
    check(
        "cvt.f32.f16 %r20, %h10;",
        numbers(samples.halves(THREADS)), a -> bits((float) Exact.half(a)));
    check("cvt.rn.f16.f32 %h20, %r10;", samples.floats(THREADS), a -> half(f(a)));
    check("cvt.rn.bf16.f32 %h20, %r10;", samples.floats(THREADS), a -> bfloat(f(a)));
    check(
        "cvt.f64.f32 %rd20, %r10;\nadd.f64 %rd20, %rd20, 0d0000000000000000;",
        finite(samples.floats(THREADS)), a -> Double.doubleToRawLongBits(f(a) + 0.0));
    check(
        "cvt.rn.f32.f64 %r20, %rd10;",
        samples.doubles(THREADS), a -> bits((float) Double.longBitsToDouble(a)));
    check(
        "cvt.rni.f32.f32 %r20, %r10;", samples.floats(THREADS), a -> bits((float) Math.rint(f(a))));
    check(
        "cvt.rmi.f32.f32 %r20, %r10;",
        samples.floats(THREADS), a -> bits((float) Math.floor(f(a))));
    check(
        "cvt.rpi.f32.f32 %r20, %r10;", samples.floats(THREADS), a -> bits((float) Math.ceil(f(a))));
  }

  private static long[] numbers(long[] halves) {
    return java.util.Arrays.stream(halves).map(a -> Double.isNaN(Exact.half(a)) ? 1 : a).toArray();
  }

  private static long[] finite(long[] floats) {
    return java.util.Arrays.stream(floats).map(a -> Float.isFinite(f(a)) ? a : 0).toArray();
  }

  private static long half(float x) {
    if (Float.isNaN(x)) {
      return 0x7fff;
    }
    return Float.floatToFloat16(x) & 0xffff;
  }

  private static long bfloat(float x) {
    if (Float.isNaN(x)) {
      return 0x7fff;
    }
    if (Float.isInfinite(x)) {
      return x > 0 ? 0x7f80 : 0xff80;
    }
    long nearest = Exact.nearest(new BigDecimal(x), Exact::bfloat);
    return x == 0 ? bits(x) >>> 16 : nearest;
  }

  @Test
  void packsTwoFloats() {
    long[] a = samples.floats(THREADS);
    long[] b = samples.floats(THREADS);
    long[] halves = Lab.perThread("cvt.rn.f16x2.f32 %r20, %r10, %r11;", a, b);
    long[] bfloats = Lab.perThread("cvt.rn.bf16x2.f32 %r20, %r10, %r11;", a, b);
    for (int i = 0; i < THREADS; i++) {
      String what = f(a[i]) + ", " + f(b[i]) + ", seed " + Lab.SEED;
      assertEquals(half(f(a[i])) << 16 | half(f(b[i])), halves[i], what);
      assertEquals(bfloat(f(a[i])) << 16 | bfloat(f(b[i])), bfloats[i], what);
    }
  }
}
