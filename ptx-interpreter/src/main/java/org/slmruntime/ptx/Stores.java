package org.slmruntime.ptx;

/** st. */
final class Stores {
  private Stores() {}

  static Instruction assemble(Form form, Operands o) {
    boolean strong = Qualifiers.take(form);
    String spaceName =
        form.takeAny("global", "shared::cta", "shared", "local", "param::func", "param");
    Qualifiers.takeCaching(form);
    String vector = form.takeAny("v2", "v4", "v8");
    Type t = form.type();
    o.expect(2, 3);
    Operands.Location at = o.location(0);
    Space space = Space.named(spaceName);
    if (space == Space.PARAMETER) {
      if (!at.space().equals("local")) {
        throw new PtxException("parameters of an entry cannot be written");
      }
      space = Space.LOCAL;
    }
    int[] sources = o.sources(1, t);
    int lanes = vector.isEmpty() ? 1 : vector.charAt(1) - '0';
    if (sources.length != lanes) {
      throw new PtxException("it has " + sources.length + " sources");
    }
    if (o.count() == 3) {
      o.source(2, Type.of("u64"));
    }
    boolean isArgument = space == Space.LOCAL && !spaceName.equals("local");
    return new Store(space, at.base(), at.offset(), t, sources, strong, isArgument);
  }

  private static final class Store extends Access {
    private final Type type;
    private final int[] values;
    private final boolean strong;

    /** Whether it writes an argument of a call, which is no access to memory. */
    private final boolean isArgument;

    Store(
        Space space,
        int base,
        long offset,
        Type type,
        int[] values,
        boolean strong,
        boolean isArgument) {
      super(space, base, offset, type.bytes() * values.length);
      this.type = type;
      this.values = values;
      this.strong = strong;
      this.isArgument = isArgument;
    }

    @Override
    void access(Warp warp, Region region, Space actual, int lanes) {
      if (!isArgument) {
        Traffic.store(warp, actual, lanes, bytes);
      }
      requireNotAwaited(warp, region, actual, lanes);
      if (region.races != null) {
        SameAddress.check(warp, lanes, bytes, this::same);
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
          int lane = Integer.numberOfTrailingZeros(rest);
          boolean same = actual == Space.GLOBAL && isThere(warp, region, lane);
          region.races.write(warp, lane, warp.offsets[lane], bytes, strong, same);
          if (strong && actual == Space.GLOBAL) {
            warp.block.launch.segments.release(warp, warp.addresses[lane]);
          }
        }
      }
      for (int i = 0; i < values.length; i++) {
        put(warp, region, lanes, values[i], i * type.bytes());
      }
      if (region.states != null) {
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
          region.mark(warp.offsets[Integer.numberOfTrailingZeros(rest)], bytes, Region.WRITTEN);
        }
      }
    }

    /** Whether two lanes at the same address write the same. */
    private boolean same(Warp warp, int a, int b) {
      boolean same = warp.offsets[a] == warp.offsets[b];
      for (int value : values) {
        same &= type.unsigned(warp.get(value, a)) == type.unsigned(warp.get(value, b));
      }
      return same;
    }

    /** Whether memory holds already what a lane writes. */
    private boolean isThere(Warp warp, Region region, int lane) {
      boolean there = region.isWritten(warp.offsets[lane], bytes);
      for (int i = 0; i < values.length; i++) {
        long old = region.get(warp.offsets[lane] + i * type.bytes(), type.bytes());
        there &= old == type.unsigned(warp.get(values[i], lane));
      }
      return there;
    }

    private void put(Warp warp, Region region, int lanes, int value, int offset) {
      int[] at = warp.offsets;
      int[] narrow = warp.narrow[value];
      if (narrow != null && type.bits() == 32) {
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
          int lane = Integer.numberOfTrailingZeros(rest);
          Region.INT.set(region.bytes, at[lane] + offset, narrow[lane]);
        }
        return;
      }
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        region.set(at[lane] + offset, type.bytes(), warp.get(value, lane));
      }
    }
  }
}
