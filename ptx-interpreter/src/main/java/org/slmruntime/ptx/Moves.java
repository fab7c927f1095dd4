package org.slmruntime.ptx;

import java.util.List;

/** mov, selp, slct, cvta and the packing and unpacking of registers. */
final class Moves {
  private Moves() {}

  /** Null if the base is of another family. */
  static Instruction assemble(Form form, Operands o) {
    return switch (form.base) {
      case "mov" -> move(form, o);
      case "selp" -> select(form, o);
      case "slct" -> selectBySign(form, o);
      case "cvta" -> convertAddress(form, o);
      default -> null;
    };
  }

  private static Instruction move(Form form, Operands o) {
    Type t = form.type();
    o.expect(2);
    if (t.isPredicate()) {
      return Predicates.move(o);
    }
    if (o.get(0) instanceof Operand.Vector) {
      return unpack(t, o);
    }
    if (o.get(1) instanceof Operand.Vector) {
      return pack(t, o);
    }
    int d = o.target(0, t);
    if (o.get(1) instanceof Operand.Special(String name) && SpecialRegisters.isClock(name)) {
      return new Clock(d);
    }
    int a = o.source(1, t);
    return copy(t, o, d, a);
  }

  /** A move may be between registers of different kinds only where it drops nothing. */
  private static Instruction copy(Type t, Operands o, int d, int a) {
    if (o.isWide(d) && o.isWide(a)) {
      return new Wide(IntegerLoops.COPY_WIDE, d, a, a, a);
    }
    if (!o.isWide(d) && !o.isWide(a)) {
      return new Narrow(IntegerLoops.COPY, d, a, a, a);
    }
    return new Lanewise((x, y, z) -> x, t.bits(), d, a, a, a);
  }

  private static Type part(Type whole, List<Operand> elements) {
    Type type = Type.of("b" + whole.bits() / elements.size());
    if (type == null || elements.size() < 2) {
      throw new PtxException("vector of " + elements.size() + " elements does not fit");
    }
    return type;
  }

  private static Instruction pack(Type t, Operands o) {
    Type part = part(t, o.elements(1));
    int d = o.target(0, t);
    int[] from = o.sources(1, part);
    if (from.length == 2) {
      return packTwo(t, d, from);
    }
    return new Instruction() {
      @Override
      int defined(Warp warp, int mask) {
        return mask & warp.defined[from[0]];
      }

      @Override
      void run(Warp warp, int mask) {
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int lane = Integer.numberOfTrailingZeros(rest);
          long value = 0;
          for (int i = 0; i < from.length; i++) {
            value |= warp.get(from[i], lane) << i * part.bits();
          }
          warp.set(d, lane, value);
        }
      }
    };
  }

  /** nvcc packs a value with a high part never written, and only uses the value. */
  private static Instruction packTwo(Type t, int d, int[] from) {
    if (t.bits() == 64) {
      return new Widening(IntegerLoops.PACK_WIDE, d, from[0], from[1], d) {
        @Override
        int defined(Warp warp, int mask) {
          return mask & warp.defined[from[0]];
        }
      };
    }
    return new Narrow(IntegerLoops.PACK, d, from[0], from[1], d) {
      @Override
      int defined(Warp warp, int mask) {
        return mask & warp.defined[from[0]];
      }
    };
  }

  private static Instruction unpack(Type t, Operands o) {
    Type part = part(t, o.elements(0));
    int[] to = o.targets(0, part);
    int a = o.source(1, t);
    return new Instruction() {
      @Override
      void run(Warp warp, int mask) {
        for (int i = 0; i < to.length; i++) {
          long[] wide = warp.wide[a];
          int shift = i * part.bits();
          int keep = (int) (-1L >>> 64 - part.bits());
          for (int lane = 0; lane < 32; lane++) {
            int value =
                wide != null ? (int) (wide[lane] >>> shift) : warp.narrow[a][lane] >>> shift;
            warp.narrowScratch[lane] = value & keep;
          }
          warp.keepNarrow(to[i], mask);
        }
      }
    };
  }

  private static Instruction select(Form form, Operands o) {
    Type t = form.type();
    o.expect(4);
    return new Select(
        o.target(0, t), o.source(1, t), o.source(2, t), o.predicate(3), o.isNegated(3));
  }

  private static Instruction selectBySign(Form form, Operands o) {
    form.take("ftz");
    Type t = form.type();
    Type by = form.type();
    o.expect(4);
    boolean isFloat = by.isFloat();
    return new Lanewise(
        (a, b, c) -> (isFloat ? Float.intBitsToFloat((int) c) >= 0 : (int) c >= 0) ? a : b,
        t.bits(),
        o.target(0, t),
        o.source(1, t),
        o.source(2, t),
        o.source(3, by));
  }

  private static Instruction convertAddress(Form form, Operands o) {
    boolean toSpace = form.take("to");
    String space = form.takeAny("global", "shared::cta", "shared", "local", "const", "param");
    Type t = form.type();
    o.expect(2);
    long window =
        switch (space) {
          case "shared", "shared::cta" -> Space.SHARED_WINDOW;
          case "local" -> Space.LOCAL_WINDOW;
          case "param" -> Space.PARAMETER_WINDOW;
          case "" -> throw new PtxException("cvta needs a space");
          default -> 0;
        };
    int a = o.source(1, t);
    long add = toSpace ? -window : window;
    int d = o.target(0, t);
    return add == 0 && t.bits() == 64
        ? new Wide(IntegerLoops.COPY_WIDE, d, a, a, a)
        : new Lanewise((x, y, z) -> x + add, t.bits(), d, a, a, a);
  }

  /** selp. */
  private static final class Select extends Instruction {
    private final int d;
    private final int a;
    private final int b;
    private final int p;
    private final boolean negated;

    Select(int d, int a, int b, int p, boolean negated) {
      this.d = d;
      this.a = a;
      this.b = b;
      this.p = p;
      this.negated = negated;
    }

    @Override
    void run(Warp warp, int mask) {
      int choice = negated ? ~warp.predicates[p] : warp.predicates[p];
      if (warp.wide[d] != null) {
        long[] to = warp.wide[d];
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int lane = Integer.numberOfTrailingZeros(rest);
          to[lane] = warp.wide[(choice >>> lane & 1) != 0 ? a : b][lane];
        }
        return;
      }
      int[] x = warp.narrow[a];
      int[] y = warp.narrow[b];
      int[] to = mask == -1 ? warp.narrow[d] : warp.narrowScratch;
      for (int i = 0; i < 32; i++) {
        to[i] = (choice >>> i & 1) != 0 ? x[i] : y[i];
      }
      if (mask != -1) {
        warp.keepNarrow(d, mask);
      }
    }

    /** Only the value chosen must be defined. */
    @Override
    int defined(Warp warp, int mask) {
      int choice = negated ? ~warp.predicates[p] : warp.predicates[p];
      int[] defined = warp.defined;
      return mask & defined[p] & (choice & defined[a] | ~choice & defined[b]);
    }
  }

  /** A time that only grows. */
  private static final class Clock extends Instruction {
    private final int target;

    Clock(int target) {
      this.target = target;
    }

    @Override
    void run(Warp warp, int mask) {
      long now = warp.block.launch.tally.warpInstructions;
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        warp.set(target, Integer.numberOfTrailingZeros(rest), now);
      }
    }
  }
}
