package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;

class HalvesTest {
  private static final int THREADS = 512;

  private final Samples samples = new Samples();

  private interface Formula {
    BigDecimal of(BigDecimal a, BigDecimal b, BigDecimal c);
  }

  private static final Formula FMA = (a, b, c) -> a.multiply(b).add(c);

  /** Results must be the exact ones, rounded once. */
  private void check(String instruction, LongToDoubleFunction decode, boolean zeros, Formula f) {
    long[] a = samples.halves(THREADS);
    long[] b = samples.halves(THREADS);
    long[] c = samples.halves(THREADS);
    long[] results = Lab.perThread(instruction, a, b, c);
    for (int i = 0; i < THREADS; i++) {
      double x = decode.applyAsDouble(a[i]);
      double y = decode.applyAsDouble(b[i]);
      double z = decode.applyAsDouble(c[i]);
      if (Double.isFinite(x) && Double.isFinite(y) && Double.isFinite(z)) {
        BigDecimal exact = f.of(new BigDecimal(x), new BigDecimal(y), new BigDecimal(z));
        long mask = exact.signum() == 0 && zeros ? 0x7fff : 0xffff;
        assertEquals(
            Exact.nearest(exact, decode) & mask,
            results[i] & mask,
            instruction + " of " + x + ", " + y + ", " + z + ", seed " + Lab.SEED);
      }
    }
  }

  @Test
  void roundsHalvesOnce() {
    check("add.f16 %h20, %h10, %h11;", Exact::half, true, (a, b, c) -> a.add(b));
    check("mul.f16 %h20, %h10, %h11;", Exact::half, true, (a, b, c) -> a.multiply(b));
    check("fma.rn.f16 %h20, %h10, %h11, %h12;", Exact::half, true, FMA);
  }

  @Test
  void roundsBrainFloatsOnce() {
    check("fma.rn.bf16 %h20, %h10, %h11, %h12;", Exact::bfloat, true, FMA);
  }

  /** A product half way between two numbers, and an addend too small for a double to hold both. */
  @Test
  void breaksTiesByTheSmallestAddend() {
    long[] a = {0x3f81, 0x3f81, 0x3f83, 0x3f83};
    long[] b = {0x3fc0, 0x3fc0, 0x3fc0, 0x3fc0};
    long[] c = {0x0d80, 0x8d80, 0x0d80, 0x8d80};
    long[] results = Lab.perThread("fma.rn.bf16 %h20, %h10, %h11, %h12;", a, b, c);
    for (int i = 0; i < a.length; i++) {
      BigDecimal exact =
          new BigDecimal(Exact.bfloat(a[i]))
              .multiply(new BigDecimal(Exact.bfloat(b[i])))
              .add(new BigDecimal(Exact.bfloat(c[i])));
      assertEquals(Exact.nearest(exact, Exact::bfloat), results[i], "case " + i);
    }
  }

  @Test
  void computesBothHalves() {
    String pack = "mov.b32 %r10, {%h11, %h10};\nmov.b32 %r11, {%h12, %h11};\n";
    String low = "mov.b32 {%h20, %h21}, %r20;\nmov.b16 %h20, %h20;";
    String high = "mov.b32 {%h21, %h20}, %r20;\nmov.b16 %h20, %h20;";
    String fma = pack + "fma.rn.f16x2 %r20, %r10, %r11, %r11;\n";
    check(fma + low, Exact::half, true, (a, b, c) -> b.multiply(c).add(c));
    check(fma + high, Exact::half, true, (a, b, c) -> a.multiply(b).add(b));
    String sub = pack + "sub.f16x2 %r20, %r10, %r11;\n";
    check(sub + low, Exact::half, true, (a, b, c) -> b.subtract(c));
    check(sub + high, Exact::half, true, (a, b, c) -> a.subtract(b));
    String max = pack + "max.f16x2 %r20, %r10, %r11;\n";
    check(max + low, Exact::half, true, (a, b, c) -> b.max(c));
    String neg = pack + "neg.bf16x2 %r20, %r10;\n";
    check(neg + high, Exact::bfloat, true, (a, b, c) -> a.negate());
  }

  @Test
  void comparesIntoValues() {
    String pack = "mov.b32 %r10, {%h10, %h11};\nmov.b32 %r11, {%h11, %h12};\n";
    long[] a = samples.halves(THREADS);
    long[] b = samples.halves(THREADS);
    long[] c = samples.halves(THREADS);
    long[] floats = Lab.perThread(pack + "set.lt.f16x2.f16x2 %r20, %r10, %r11;", a, b, c);
    long[] integers = Lab.perThread("set.gt.u32.s32 %r20, %r10, %r11;", a, b);
    for (int i = 0; i < THREADS; i++) {
      String what = "thread " + i + ", seed " + Lab.SEED;
      long low = Exact.half(a[i]) < Exact.half(b[i]) ? 0x3c00 : 0;
      long high = Exact.half(b[i]) < Exact.half(c[i]) ? 0x3c00 : 0;
      assertEquals(low | high << 16, floats[i], what);
      assertEquals(a[i] > b[i] ? 0xffffffffL : 0, integers[i], what);
    }
  }

  @Test
  void comparesBothHalves() {
    String pack = "mov.b32 %r10, {%h10, %h11};\nmov.b32 %r11, {%h11, %h12};\n";
    long[] a = samples.halves(THREADS);
    long[] b = samples.halves(THREADS);
    long[] c = samples.halves(THREADS);
    long[] low = Lab.perThread(pack + "setp.lt.f16x2 %p20|%p3, %r10, %r11;", a, b, c);
    long[] high = Lab.perThread(pack + "setp.lt.f16x2 %p3|%p20, %r10, %r11;", a, b, c);
    for (int i = 0; i < THREADS; i++) {
      String what = "thread " + i + ", seed " + Lab.SEED;
      assertEquals(Exact.half(a[i]) < Exact.half(b[i]) ? 1 : 0, low[i], what);
      assertEquals(Exact.half(b[i]) < Exact.half(c[i]) ? 1 : 0, high[i], what);
    }
  }
}
