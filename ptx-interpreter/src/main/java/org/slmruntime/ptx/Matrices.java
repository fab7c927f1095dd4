package org.slmruntime.ptx;

/** mma on matrices of 16 x K and K x 8. */
final class Matrices {
  private Matrices() {}

  static Instruction assemble(Form form, Operands o) {
    form.take("sync");
    form.take("aligned");
    String shape = form.takeAny("m16n8k4", "m16n8k8", "m16n8k16", "m16n8k32");
    if (shape.isEmpty() || !form.take("row") || !form.take("col")) {
      throw new PtxException("this shape of mma is not supported");
    }
    boolean saturate = form.take("satfinite");
    int k = Integer.parseInt(shape.substring(6));
    Type td = form.type();
    Type ta = form.type();
    Type tb = form.type();
    Type tc = form.type();
    Type word = Type.of("b32");
    o.expect(4);
    int[] d = o.targets(0, word);
    int[] a = o.sources(1, word);
    int[] b = o.sources(2, word);
    int[] c = o.sources(3, word);
    int perWord = 32 / bits(ta);
    boolean packed = td.is("f16");
    check(a.length == 16 * k / perWord / 32 && b.length == 8 * k / perWord / 32);
    check(d.length == (packed ? 2 : 4) && c.length == d.length && td.equals(tc));
    if (td.is("s32")) {
      check(perWord == 4);
      return new IntegerProduct(k, d, a, b, c, ta.isSigned(), tb.isSigned(), saturate);
    }
    check(ta.equals(tb) && (td.is("f32") || packed) && perWord <= 2);
    return new FloatProduct(k, d, a, b, c, ta, packed);
  }

  private static int bits(Type t) {
    return switch (t.name()) {
      case "s8", "u8" -> 8;
      case "f16", "bf16" -> 16;
      case "tf32" -> 32;
      default -> throw new PtxException("mma of ." + t.name() + " is not supported");
    };
  }

  private static void check(boolean ok) {
    if (!ok) {
      throw new PtxException("types and operands of mma do not fit");
    }
  }

  /** What both kinds of products share: who takes part, and how lanes hold the matrices. */
  private abstract static class Product extends Instruction {
    final int k;
    final int[] d;
    final int[] a;
    final int[] b;
    final int[] c;

    Product(int k, int[] d, int[] a, int[] b, int[] c) {
      super(Kind.COLLECTIVE);
      this.k = k;
      this.d = d;
      this.a = a;
      this.b = b;
      this.c = c;
    }

    @Override
    int members(Warp warp, int mask) {
      return -1;
    }

    /** Finds out which elements of the result are defined; the sources may soon be overwritten. */
    @Override
    int defined(Warp warp, int mask) {
      int[] result = warp.block.launch.scratch.defined;
      int upper = wholeGroups(warp, a, 0);
      int lower = wholeGroups(warp, a, 1);
      int columns = wholeGroups(warp, b, 0) & wholeGroups(warp, b, 1);
      for (int i = 0; i < 2; i++) {
        int even = 0;
        for (int t = 0; t < 4; t++) {
          even |= (columns >>> 4 * (2 * t + i) & 1) != 0 ? 0x11111111 << t : 0;
        }
        result[i] = upper & even;
        result[2 + i] = lower & even;
      }
      for (int i = 0; i < c.length; i++) {
        if (c.length == 2) {
          result[i] = result[2 * i] & result[2 * i + 1] & warp.defined[c[i]];
        } else {
          result[i] &= warp.defined[c[i]];
        }
      }
      return mask;
    }

    /** The groups of four lanes that hold a row, or a column, with nothing undefined. */
    private static int wholeGroups(Warp warp, int[] registers, int first) {
      int all = -1;
      for (int i = first; i < registers.length; i += 2) {
        all &= warp.defined[registers[i]];
      }
      all &= all >>> 1;
      all &= all >>> 2;
      return (all & 0x11111111) * 15;
    }

    @Override
    void define(Warp warp, int mask, int ok) {
      for (int i = 0; i < d.length; i++) {
        warp.defined[d[i]] = warp.block.launch.scratch.defined[i];
      }
    }

    /** Register i of A holds row lane / 4 + 8 (i odd), and columns from here on. */
    static int column(int register, int lane, int perWord) {
      return perWord * (lane & 3) + 4 * perWord * (register >> 1);
    }
  }

  /** Bytes into 32-bit integers. */
  private static final class IntegerProduct extends Product {
    private final boolean aSigned;
    private final boolean bSigned;
    private final boolean saturate;

    IntegerProduct(
        int k,
        int[] d,
        int[] a,
        int[] b,
        int[] c,
        boolean aSigned,
        boolean bSigned,
        boolean saturate) {
      super(k, d, a, b, c);
      this.aSigned = aSigned;
      this.bSigned = bSigned;
      this.saturate = saturate;
    }

    @Override
    void run(Warp warp, int mask) {
      warp.block.launch.tally.matrixMultiplies++;
      MatrixScratch s = warp.block.launch.scratch;
      for (int i = 0; i < a.length; i++) {
        int[] r = warp.narrow[a[i]];
        for (int lane = 0; lane < 32; lane++) {
          int row = (lane >> 2) + 8 * (i & 1);
          unpack(r[lane], aSigned, s.intA, row * k + column(i, lane, 4));
        }
      }
      for (int i = 0; i < b.length; i++) {
        pairColumns(warp.narrow[b[i]], column(2 * i, 0, 4), s.pairedB);
      }
      multiply(warp, s);
    }

    private static void unpack(int word, boolean signed, int[] to, int at) {
      for (int j = 0; j < 4; j++) {
        int value = word >> 8 * j;
        to[at + j] = signed ? (byte) value : value & 255;
      }
    }

    /** Two columns in a number: a multiplication serves both, their sums fit in 32 bits. */
    private void pairColumns(int[] words, int first, long[] to) {
      for (int lane = 0; lane < 32; lane++) {
        int at = 4 * (first + 4 * (lane & 3)) + (lane >> 3);
        boolean high = (lane & 4) != 0;
        for (int j = 0; j < 4; j++) {
          int value = words[lane] >> 8 * j;
          long x = bSigned ? (byte) value : value & 255;
          to[at + 4 * j] = high ? to[at + 4 * j] + (x << 32) : x;
        }
      }
    }

    private void multiply(Warp warp, MatrixScratch s) {
      for (int row = 0; row < 16; row++) {
        long sum0 = 0;
        long sum1 = 0;
        long sum2 = 0;
        long sum3 = 0;
        for (int i = 0; i < k; i++) {
          long x = s.intA[row * k + i];
          sum0 += x * s.pairedB[4 * i];
          sum1 += x * s.pairedB[4 * i + 1];
          sum2 += x * s.pairedB[4 * i + 2];
          sum3 += x * s.pairedB[4 * i + 3];
        }
        finish(warp, s, row, 0, sum0);
        finish(warp, s, row, 1, sum1);
        finish(warp, s, row, 2, sum2);
        finish(warp, s, row, 3, sum3);
      }
      for (int i = 0; i < 4; i++) {
        System.arraycopy(s.intD, 32 * i, warp.narrow[d[i]], 0, 32);
      }
    }

    private void finish(Warp warp, MatrixScratch s, int row, int pair, long sums) {
      int low = (int) sums;
      int high = (int) (sums - low >> 32);
      int register = (row >> 3) * 2;
      int lane = (row & 7) * 4 + pair;
      s.intD[register * 32 + lane] = add(low, warp.narrow[c[register]][lane]);
      s.intD[register * 32 + 32 + lane] = add(high, warp.narrow[c[register + 1]][lane]);
    }

    private int add(int a, int b) {
      return saturate ? (int) Integers.clamp((long) a + b) : a + b;
    }
  }

  /** Halves, bf16 and tf32 into floats or halves. */
  private static final class FloatProduct extends Product {
    private final Type type;
    private final boolean packed;

    FloatProduct(int k, int[] d, int[] a, int[] b, int[] c, Type type, boolean packed) {
      super(k, d, a, b, c);
      this.type = type;
      this.packed = packed;
    }

    @Override
    void run(Warp warp, int mask) {
      Launch launch = warp.block.launch;
      launch.tally.matrixMultiplies++;
      MatrixScratch s = launch.scratch;
      s.order(k, launch.options.shuffled() ? launch.random : null);
      int perWord = type.is("tf32") ? 1 : 2;
      for (int i = 0; i < a.length; i++) {
        int[] r = warp.narrow[a[i]];
        for (int lane = 0; lane < 32; lane++) {
          int row = (lane >> 2) + 8 * (i & 1);
          int column = column(i, lane, perWord);
          for (int j = 0; j < perWord; j++) {
            s.floatA[row * k + s.order[column + j]] = value(r[lane], j);
          }
        }
      }
      for (int i = 0; i < b.length; i++) {
        int[] r = warp.narrow[b[i]];
        for (int lane = 0; lane < 32; lane++) {
          int column = column(2 * i, lane, perWord);
          for (int j = 0; j < perWord; j++) {
            s.floatB[8 * s.order[column + j] + (lane >> 2)] = value(r[lane], j);
          }
        }
      }
      multiply(warp, s);
    }

    private float value(int word, int half) {
      if (type.kind() == 'x') {
        return Float.intBitsToFloat(half == 0 ? word << 16 : word & 0xffff0000);
      }
      return type.bits() == 16
          ? Float.float16ToFloat((short) (word >> 16 * half))
          : Float.intBitsToFloat(word & ~0x1fff);
    }

    private void multiply(Warp warp, MatrixScratch s) {
      for (int row = 0; row < 16; row++) {
        for (int j = 0; j < 8; j += 4) {
          multiply(warp, s, row, j);
        }
      }
      for (int i = 0; i < d.length; i++) {
        System.arraycopy(s.intD, 32 * i, warp.narrow[d[i]], 0, 32);
      }
    }

    private void multiply(Warp warp, MatrixScratch s, int row, int j) {
      float[] b = s.floatB;
      float sum0 = start(warp, row, j);
      float sum1 = start(warp, row, j + 1);
      float sum2 = start(warp, row, j + 2);
      float sum3 = start(warp, row, j + 3);
      for (int i = 0; i < k; i++) {
        float x = s.floatA[row * k + i];
        sum0 = Math.fma(x, b[8 * i + j], sum0);
        sum1 = Math.fma(x, b[8 * i + j + 1], sum1);
        sum2 = Math.fma(x, b[8 * i + j + 2], sum2);
        sum3 = Math.fma(x, b[8 * i + j + 3], sum3);
      }
      store(s, row, j, sum0);
      store(s, row, j + 1, sum1);
      store(s, row, j + 2, sum2);
      store(s, row, j + 3, sum3);
    }

    private float start(Warp warp, int row, int column) {
      int lane = (row & 7) * 4 + (column >> 1);
      if (packed) {
        return Float.float16ToFloat((short) (warp.narrow[c[row >> 3]][lane] >> 16 * (column & 1)));
      }
      return Float.intBitsToFloat(warp.narrow[c[(row >> 3) * 2 + (column & 1)]][lane]);
    }

    private void store(MatrixScratch s, int row, int column, float sum) {
      int lane = (row & 7) * 4 + (column >> 1);
      if (packed) {
        int at = (row >> 3) * 32 + lane;
        int half = Float.floatToFloat16(sum) & 0xffff;
        s.intD[at] = (column & 1) == 0 ? half : s.intD[at] | half << 16;
      } else {
        int register = (row >> 3) * 2 + (column & 1);
        s.intD[register * 32 + lane] = Float.floatToRawIntBits(sum);
      }
    }
  }
}
