package org.slmruntime.ptx;

/** dp4a and dp2a. */
final class DotProducts {
  private static final Narrow.Loop SIGNED4 =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          int x = a[i];
          int y = b[i];
          d[i] =
              c[i]
                  + (byte) x * (byte) y
                  + (byte) (x >> 8) * (byte) (y >> 8)
                  + (byte) (x >> 16) * (byte) (y >> 16)
                  + (x >> 24) * (y >> 24);
        }
      };

  private DotProducts() {}

  static Instruction assemble(Form form, Operands o) {
    boolean four = form.base.equals("dp4a");
    boolean high = !four && form.take("hi");
    if (!four && !high && !form.take("lo")) {
      throw new PtxException("dp2a needs .lo or .hi");
    }
    Type ta = form.type();
    Type tb = form.type();
    o.expect(4);
    int d = o.target(0, ta);
    int a = o.source(1, ta);
    int b = o.source(2, tb);
    int c = o.source(3, ta);
    if (four) {
      if (ta.isSigned() && tb.isSigned()) {
        return new Narrow(SIGNED4, d, a, b, c);
      }
      return new Lanewise((x, y, z) -> z + dot4(x, ta, y, tb), 32, d, a, b, c);
    }
    int first = high ? 16 : 0;
    return new Lanewise((x, y, z) -> z + dot2(x, ta, y >>> first, tb), 32, d, a, b, c);
  }

  private static long dot4(long x, Type ta, long y, Type tb) {
    long sum = 0;
    for (int i = 0; i < 32; i += 8) {
      sum += part(x >>> i, ta, 8) * part(y >>> i, tb, 8);
    }
    return sum;
  }

  private static long dot2(long x, Type ta, long y, Type tb) {
    return part(x, ta, 16) * part(y, tb, 8) + part(x >>> 16, ta, 16) * part(y >>> 8, tb, 8);
  }

  private static long part(long x, Type t, int bits) {
    return t.isSigned() ? x << 64 - bits >> 64 - bits : x << 64 - bits >>> 64 - bits;
  }
}
