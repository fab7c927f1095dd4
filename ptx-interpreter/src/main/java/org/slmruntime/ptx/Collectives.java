package org.slmruntime.ptx;

/** Instructions in which the lanes of a warp take part together. */
final class Collectives {
  private Collectives() {}

  static Instruction assemble(Form form, Operands o) {
    return switch (form.base) {
      case "shfl" -> shuffle(form, o);
      case "vote" -> vote(form, o);
      case "match" -> match(form, o);
      case "redux" -> reduce(form, o);
      case "activemask" -> {
        form.take("b32");
        o.expect(1);
        yield new ActiveMask(o.target(0, Type.of("b32")));
      }
      default -> throw new PtxException("instruction " + form.base + " is not supported");
    };
  }

  /** The lanes named by a register, which all lanes that run must agree on and be among. */
  static int members(Warp warp, int slot, int mask) {
    int first = Integer.numberOfTrailingZeros(mask);
    int members = (int) warp.get(slot, first);
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      if ((int) warp.get(slot, lane) == members && (members >>> lane & 1) == 0) {
        throw warp.fail(lane, "the lane is not among those it names");
      }
    }
    int same = 0;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      same |= (int) warp.get(slot, lane) == members ? 1 << lane : 0;
    }
    if (same != mask) {
      return membersOfEach(warp, slot, mask);
    }
    return members;
  }

  /** Groups of lanes that each name themselves: they run together, each on its own. */
  private static int membersOfEach(Warp warp, int slot, int mask) {
    int union = 0;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      union |= (int) warp.get(slot, Integer.numberOfTrailingZeros(rest));
    }
    return union;
  }

  /** An instruction whose last source names the lanes. */
  abstract static class Collective extends Instruction {
    final int members;

    Collective(int members) {
      super(Kind.COLLECTIVE);
      this.members = members;
    }

    @Override
    final int members(Warp warp, int mask) {
      return Collectives.members(warp, members, mask);
    }

    @Override
    final boolean needsDefinedSources() {
      return true;
    }

    @Override
    final void run(Warp warp, int mask) {
      for (int rest = mask; rest != 0; ) {
        int group = (int) warp.get(members, Integer.numberOfTrailingZeros(rest)) & mask;
        together(warp, group);
        rest &= ~group;
      }
    }

    /** Runs the lanes that named each other. */
    abstract void together(Warp warp, int lanes);
  }

  private static Instruction shuffle(Form form, Operands o) {
    form.take("sync");
    String mode = form.takeAny("bfly", "down", "up", "idx");
    Type t = form.type();
    o.expect(5);
    if (mode.isEmpty()) {
      throw new PtxException("shfl needs .bfly, .down, .up or .idx");
    }
    Operand first = o.get(0);
    int p = -1;
    if (first instanceof Operand.Pair(Operand value, Operand predicate)) {
      first = value;
      p = predicate instanceof Operand.Sink ? -1 : o.target(predicate, Type.of("pred"));
    }
    int d = o.target(first, t);
    int a = o.source(1, t);
    Type n = Type.of("u32");
    return new Shuffle(mode, d, p, a, o.source(2, n), o.source(3, n), o.source(4, n));
  }

  private static final class Shuffle extends Collective {
    private final String mode;
    private final int d;
    private final int p;
    private final int a;
    private final int b;
    private final int c;

    Shuffle(String mode, int d, int p, int a, int b, int c, int members) {
      super(members);
      this.mode = mode;
      this.d = d;
      this.p = p;
      this.a = a;
      this.b = b;
      this.c = c;
    }

    /** A value never written may be shuffled, if nothing comes to depend on it. */
    @Override
    int defined(Warp warp, int mask) {
      return mask & warp.defined[b] & warp.defined[c] & warp.defined[members];
    }

    @Override
    void together(Warp warp, int lanes) {
      int[] value = warp.narrow[a];
      int within = 0;
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        int from = source(lane, warp.narrow[b][lane], warp.narrow[c][lane]);
        if (from >= 0) {
          within |= 1 << lane;
        }
        int actual = from < 0 ? lane : from;
        if ((lanes >>> actual & 1) == 0) {
          throw warp.fail(lane, "it reads lane " + actual + ", which does not take part");
        }
        warp.narrowScratch[lane] = value[actual];
        if ((warp.defined[a] >>> actual & 1) == 0) {
          warp.undefinedLanes |= 1 << lane;
        }
      }
      warp.keepNarrow(d, lanes);
      if (p >= 0) {
        warp.predicates[p] = warp.predicates[p] & ~lanes | within;
      }
    }

    /** The lane to read, -1 if it lies outside the segment. */
    private int source(int lane, int by, int limits) {
      int segment = limits >> 8 & 31;
      int clamp = limits & 31;
      int last = lane & segment | clamp & ~segment;
      int low = lane & segment;
      int n = by & 31;
      return switch (mode) {
        case "up" -> lane - n >= last ? lane - n : -1;
        case "down" -> lane + n <= last ? lane + n : -1;
        case "bfly" -> (lane ^ n) <= last ? lane ^ n : -1;
        default -> (low | n & ~segment) <= last ? low | n & ~segment : -1;
      };
    }
  }

  private static Instruction vote(Form form, Operands o) {
    form.take("sync");
    String mode = form.takeAny("all", "any", "uni", "ballot");
    Type t = form.type();
    o.expect(3);
    int d = o.target(0, t);
    int p = o.predicate(1);
    boolean negated = o.isNegated(1);
    int members = o.source(2, Type.of("u32"));
    return new Collective(members) {
      @Override
      void together(Warp warp, int lanes) {
        int value = warp.predicates[p];
        int yes = (negated ? ~value : value) & lanes;
        if (mode.equals("ballot")) {
          fill(warp, d, lanes, yes);
          return;
        }
        boolean result =
            switch (mode) {
              case "all" -> yes == lanes;
              case "any" -> yes != 0;
              default -> yes == lanes || yes == 0;
            };
        warp.predicates[d] = warp.predicates[d] & ~lanes | (result ? lanes : 0);
      }
    };
  }

  private static void fill(Warp warp, int slot, int lanes, int value) {
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      warp.set(slot, Integer.numberOfTrailingZeros(rest), value);
    }
  }

  private static Instruction match(Form form, Operands o) {
    form.take("sync");
    boolean all = form.take("all");
    if (!all && !form.take("any")) {
      throw new PtxException("match needs .any or .all");
    }
    Type t = form.type();
    o.expect(3);
    Operand first = o.get(0);
    int p = -1;
    if (first instanceof Operand.Pair(Operand value, Operand predicate)) {
      first = value;
      p = o.target(predicate, Type.of("pred"));
    }
    int d = o.target(first, Type.of("b32"));
    int a = o.source(1, t);
    return new Match(all, d, p, a, o.source(2, Type.of("u32")));
  }

  private static final class Match extends Collective {
    private final boolean all;
    private final int d;
    private final int p;
    private final int a;

    Match(boolean all, int d, int p, int a, int members) {
      super(members);
      this.all = all;
      this.d = d;
      this.p = p;
      this.a = a;
    }

    @Override
    void together(Warp warp, int lanes) {
      int equalToFirst = equal(warp, lanes, Integer.numberOfTrailingZeros(lanes));
      boolean everyone = equalToFirst == lanes;
      int[] results = new int[32];
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        results[lane] = all ? everyone ? lanes : 0 : equal(warp, lanes, lane);
      }
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        warp.set(d, lane, results[lane]);
      }
      if (p >= 0) {
        warp.predicates[p] = warp.predicates[p] & ~lanes | (everyone ? lanes : 0);
      }
    }

    private int equal(Warp warp, int lanes, int to) {
      int result = 0;
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        result |= warp.get(a, lane) == warp.get(a, to) ? 1 << lane : 0;
      }
      return result;
    }
  }

  private static Instruction reduce(Form form, Operands o) {
    form.take("sync");
    String operation = form.takeAny("add", "min", "max", "and", "or", "xor");
    Type t = form.type();
    o.expect(3);
    int d = o.target(0, t);
    int a = o.source(1, t);
    int members = o.source(2, Type.of("u32"));
    AtomicOperation f = AtomicOperation.of(operation, t);
    return new Collective(members) {
      @Override
      void together(Warp warp, int lanes) {
        int rest = lanes & lanes - 1;
        long result = warp.get(a, Integer.numberOfTrailingZeros(lanes));
        for (; rest != 0; rest &= rest - 1) {
          result = f.apply(result, warp.get(a, Integer.numberOfTrailingZeros(rest)));
        }
        fill(warp, d, lanes, (int) result);
      }
    };
  }

  /** activemask. */
  private static final class ActiveMask extends Instruction {
    private final int target;

    ActiveMask(int target) {
      this.target = target;
    }

    @Override
    void run(Warp warp, int mask) {
      fill(warp, target, mask, mask);
    }
  }
}
