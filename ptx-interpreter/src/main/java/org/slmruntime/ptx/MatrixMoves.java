package org.slmruntime.ptx;

/** ldmatrix and movmatrix. */
final class MatrixMoves {
  private MatrixMoves() {}

  static Instruction assemble(Form form, Operands o) {
    form.take("sync");
    form.take("aligned");
    if (!form.take("m8n8")) {
      throw new PtxException("only 8 x 8 matrices are supported");
    }
    String count = form.takeAny("x1", "x2", "x4");
    boolean transposed = form.take("trans");
    form.takeAny("shared", "shared::cta");
    Type t = form.type();
    if (!t.is("b16")) {
      throw new PtxException("matrices of ." + t.name() + " are not supported");
    }
    o.expect(2);
    int[] targets = o.targets(0, Type.of("b32"));
    if (form.base.equals("movmatrix")) {
      return new MoveMatrix(targets[0], o.source(1, Type.of("b32")));
    }
    if (!form.base.equals("ldmatrix") || targets.length != count.charAt(1) - '0') {
      throw new PtxException("this matrix access is not supported");
    }
    Operands.Location at = o.location(1);
    return new LoadMatrix(targets, at.base(), at.offset(), transposed);
  }

  /** A row's address per lane, eight lanes a matrix. */
  private static final class LoadMatrix extends Access {
    private final int[] targets;
    private final boolean transposed;

    LoadMatrix(int[] targets, int base, long offset, boolean transposed) {
      super(Kind.COLLECTIVE, Space.SHARED, base, offset, 16);
      this.targets = targets;
      this.transposed = transposed;
    }

    @Override
    int members(Warp warp, int mask) {
      return -1;
    }

    @Override
    int accessing(int mask) {
      return -1 >>> 32 - 8 * targets.length;
    }

    @Override
    void access(Warp warp, Region region, Space actual, int lanes) {
      Traffic.shared(warp, lanes, bytes);
      noteUnwritten(warp, region, actual, lanes);
      if (region.races != null) {
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
          int lane = Integer.numberOfTrailingZeros(rest);
          region.races.read(warp, lane, warp.offsets[lane], bytes, false);
        }
      }
      for (int m = 0; m < targets.length; m++) {
        load(warp, region, m);
      }
    }

    /** Rows never written make those lanes undefined that hold a part of them. */
    @Override
    void define(Warp warp, int mask, int ok) {
      int rows = warp.undefinedLanes;
      for (int m = 0; m < targets.length; m++) {
        int undefined = 0;
        for (int row = 0; row < 8; row++) {
          if ((rows >>> 8 * m + row & 1) != 0) {
            undefined |= transposed ? 0x11111111 << row / 2 : 15 << 4 * row;
          }
        }
        warp.defined[targets[m]] = ~undefined;
      }
    }

    private void load(Warp warp, Region region, int matrix) {
      int[] to = warp.narrow[targets[matrix]];
      int[] rows = warp.offsets;
      int first = 8 * matrix;
      for (int lane = 0; lane < 32; lane++) {
        int a = lane >> 2;
        int b = 2 * (lane & 3);
        if (!transposed) {
          to[lane] = (int) Region.INT.get(region.bytes, rows[first + a] + 2 * b);
        } else {
          int low = (short) Region.SHORT.get(region.bytes, rows[first + b] + 2 * a) & 0xffff;
          int high = (short) Region.SHORT.get(region.bytes, rows[first + b + 1] + 2 * a);
          to[lane] = low | high << 16;
        }
      }
    }
  }

  /** Transposes a matrix held by the warp. */
  private static final class MoveMatrix extends Instruction {
    private final int target;
    private final int source;

    MoveMatrix(int target, int source) {
      super(Kind.COLLECTIVE);
      this.target = target;
      this.source = source;
    }

    @Override
    int members(Warp warp, int mask) {
      return -1;
    }

    @Override
    boolean needsDefinedSources() {
      return true;
    }

    @Override
    void run(Warp warp, int mask) {
      int[] from = warp.narrow[source];
      for (int lane = 0; lane < 32; lane++) {
        int row = 2 * (lane & 3);
        int column = lane >> 2;
        warp.narrowScratch[lane] = half(from, row, column) | half(from, row + 1, column) << 16;
      }
      warp.keepNarrow(target, -1);
    }

    private static int half(int[] from, int row, int column) {
      return from[4 * row + column / 2] >>> 16 * (column & 1) & 0xffff;
    }
  }
}
