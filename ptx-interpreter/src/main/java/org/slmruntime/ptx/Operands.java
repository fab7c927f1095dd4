package org.slmruntime.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The operands of one instruction, turned into slots. */
final class Operands {
  private final List<Operand> operands;
  private final Slots slots;
  private final UnaryOperator<String> names;
  private final Frame frame;
  private final List<Integer> sources = new ArrayList<>();
  private final List<Integer> targets = new ArrayList<>();

  /**
   * @param names from a function's register to its name where the function is inlined
   */
  Operands(List<Operand> operands, Slots slots, UnaryOperator<String> names, Frame frame) {
    this.operands = operands;
    this.slots = slots;
    this.names = names;
    this.frame = frame;
  }

  int count() {
    return operands.size();
  }

  void expect(int count) {
    expect(count, count);
  }

  void expect(int least, int most) {
    if (operands.size() < least || operands.size() > most) {
      throw new PtxException("it has " + operands.size() + " operands");
    }
  }

  Operand get(int i) {
    if (i >= operands.size()) {
      throw new PtxException("an operand is missing");
    }
    return operands.get(i);
  }

  int[] sources() {
    return sources.stream().mapToInt(Integer::intValue).toArray();
  }

  int[] targets() {
    return targets.stream().mapToInt(Integer::intValue).toArray();
  }

  boolean isWide(int slot) {
    return slots.kind(slot) == Slots.Kind.WIDE;
  }

  /** The slot an operand is read from. */
  int source(int i, Type type) {
    return source(get(i), type);
  }

  int source(Operand operand, Type type) {
    int slot = slot(operand, type);
    sources.add(slot);
    return slot;
  }

  /** A slot that holds a number. */
  int constant(long bits, boolean wide) {
    return slots.constant(bits, wide);
  }

  private int slot(Operand operand, Type type) {
    boolean wide = type.bits() == 64;
    return switch (operand) {
      case Operand.Register r -> slots.register(names.apply(r.key()), r.type());
      case Operand.Immediate n -> slots.constant(immediate(n, type), wide);
      case Operand.Special s -> slots.special(s.name());
      case Operand.Symbol s -> symbol(s, wide);
      default -> throw new PtxException("operand " + operand + " cannot be read as a value");
    };
  }

  private int symbol(Operand.Symbol s, boolean wide) {
    Frame.Place place = frame.find(s.name());
    return place == null
        ? slots.address(s.name(), s.offset(), wide)
        : slots.constant(place.address() + s.offset(), wide);
  }

  private static long immediate(Operand.Immediate n, Type type) {
    if (n.kind() == 'd' && type.bits() == 32) {
      return Float.floatToRawIntBits((float) Double.longBitsToDouble(n.bits())) & 0xffffffffL;
    }
    if (n.kind() == 'f' && type.bits() == 64) {
      return Double.doubleToRawLongBits(Float.intBitsToFloat((int) n.bits()));
    }
    return type.bits() < 64 ? type.unsigned(n.bits()) : n.bits();
  }

  /** A predicate that is read; negation is told by {@link #isNegated}. */
  int predicate(int i) {
    Operand operand = get(i) instanceof Operand.Not(Operand inner) ? inner : get(i);
    if (operand instanceof Operand.Register r && r.type().isPredicate()) {
      return source(operand, r.type());
    }
    throw new PtxException("operand " + (i + 1) + " is not a predicate");
  }

  boolean isNegated(int i) {
    return get(i) instanceof Operand.Not;
  }

  /** The slot an operand is written to. */
  int target(int i, Type type) {
    return target(get(i), type);
  }

  int target(Operand operand, Type type) {
    int slot =
        switch (operand) {
          case Operand.Register r -> slots.register(names.apply(r.key()), r.type());
          case Operand.Sink s -> slots.register("_" + type.name(), type);
          default -> throw new PtxException("operand " + operand + " cannot be written");
        };
    targets.add(slot);
    return slot;
  }

  /** The elements of a vector, or the operand itself. */
  List<Operand> elements(int i) {
    return get(i) instanceof Operand.Vector(List<Operand> elements) ? elements : List.of(get(i));
  }

  int[] sources(int i, Type type) {
    return elements(i).stream().mapToInt(o -> source(o, type)).toArray();
  }

  int[] targets(int i, Type type) {
    return elements(i).stream().mapToInt(o -> target(o, type)).toArray();
  }

  /** A slot of its own for something that has no name in PTX. */
  int hidden(String name, Type type) {
    return slots.register(name, type);
  }

  /** An address: base slot and offset. */
  Location location(int i) {
    if (!(get(i) instanceof Operand.Memory(Operand base, long offset))) {
      throw new PtxException("operand " + (i + 1) + " is not an address");
    }
    if (base instanceof Operand.Symbol s) {
      Frame.Place place = frame.find(s.name());
      int slot = symbol(new Operand.Symbol(s.name(), 0), true);
      return new Location(slot, offset, place == null ? "" : place.space());
    }
    Type type = base instanceof Operand.Register r ? r.type() : Type.of("u64");
    return new Location(source(base, type), offset, "");
  }

  /**
   * @param space the one that is known of a symbol: param, local or none
   */
  record Location(int base, long offset, String space) {}
}
