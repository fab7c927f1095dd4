package org.slmruntime.ptx;

/** ld. */
final class Loads {
  private Loads() {}

  static Instruction assemble(Form form, Operands o) {
    boolean strong = Qualifiers.take(form);
    String spaceName =
        form.takeAny(
            "global",
            "shared::cta",
            "shared",
            "local",
            "const",
            "param::entry",
            "param::func",
            "param");
    Qualifiers.takeCaching(form);
    String vector = form.takeAny("v2", "v4", "v8");
    Type t = form.type();
    o.expect(2, 3);
    Operands.Location at = o.location(1);
    Space space = Space.named(spaceName);
    if (space == Space.PARAMETER && at.space().equals("local")) {
      space = Space.LOCAL;
    }
    int[] targets = o.targets(0, t);
    int lanes = vector.isEmpty() ? 1 : vector.charAt(1) - '0';
    if (targets.length != lanes) {
      throw new PtxException("it has " + targets.length + " targets");
    }
    if (o.count() == 3) {
      o.source(2, Type.of("u64"));
    }
    boolean isArgument = space == Space.LOCAL && !spaceName.equals("local");
    return new Load(space, at.base(), at.offset(), t, targets, strong, isArgument);
  }

  private static final class Load extends Access {
    private final Type type;
    private final int[] targets;
    private final boolean strong;

    /** Whether it reads an argument of a call, which is no access to memory. */
    private final boolean isArgument;

    Load(
        Space space,
        int base,
        long offset,
        Type type,
        int[] targets,
        boolean strong,
        boolean isArgument) {
      super(space, base, offset, type.bytes() * targets.length);
      this.type = type;
      this.targets = targets;
      this.strong = strong;
      this.isArgument = isArgument;
    }

    @Override
    void access(Warp warp, Region region, Space actual, int lanes) {
      if (!isArgument) {
        Traffic.load(warp, region, actual, lanes, bytes);
      }
      noteUnwritten(warp, region, actual, lanes);
      if (region.races != null) {
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
          int lane = Integer.numberOfTrailingZeros(rest);
          if (strong && actual == Space.GLOBAL) {
            warp.block.launch.segments.acquire(warp, warp.addresses[lane]);
          }
          region.races.read(warp, lane, warp.offsets[lane], bytes, strong);
        }
      }
      for (int i = 0; i < targets.length; i++) {
        fetch(warp, region.bytes, lanes, targets[i], i * type.bytes());
      }
    }

    private void fetch(Warp warp, byte[] from, int lanes, int target, int offset) {
      int[] at = warp.offsets;
      int[] narrow = warp.narrow[target];
      if (narrow != null && type.bits() == 32) {
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
          int lane = Integer.numberOfTrailingZeros(rest);
          narrow[lane] = (int) Region.INT.get(from, at[lane] + offset);
        }
      } else if (narrow != null && type.bits() == 16 && !type.isSigned()) {
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
          int lane = Integer.numberOfTrailingZeros(rest);
          narrow[lane] = (short) Region.SHORT.get(from, at[lane] + offset) & 0xffff;
        }
      } else if (type.bits() == 64) {
        long[] wide = warp.wide[target];
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
          int lane = Integer.numberOfTrailingZeros(rest);
          wide[lane] = (long) Region.LONG.get(from, at[lane] + offset);
        }
      } else {
        convert(warp, from, lanes, target, offset);
      }
    }

    /** Values narrower than their register: 16-bit registers keep 16 bits of them. */
    private void convert(Warp warp, byte[] from, int lanes, int target, int offset) {
      long keep = warp.block.launch.code.slots().registerMask(target);
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        int at = warp.offsets[lane] + offset;
        long value =
            switch (type.bits()) {
              case 8 -> from[at];
              case 16 -> (short) Region.SHORT.get(from, at);
              default -> (int) Region.INT.get(from, at);
            };
        warp.set(target, lane, type.normalize(value) & keep);
      }
    }
  }
}
