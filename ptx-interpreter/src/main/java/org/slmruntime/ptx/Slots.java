package org.slmruntime.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers the registers and constants of an entry. */
final class Slots {
  enum Kind {
    NARROW,
    WIDE,
    PREDICATE
  }

  /** A slot with the same value in all lanes, at all times. */
  record Constant(int slot, long bits) {}

  /** A slot holding the address of a module's variable. */
  record Address(int slot, String variable, long offset) {}

  /** A slot holding a special register. */
  record Special(int slot, String name) {}

  final List<Kind> kinds = new ArrayList<>();
  private final List<Integer> bits = new ArrayList<>();
  final List<Constant> constants = new ArrayList<>();
  final List<Address> addresses = new ArrayList<>();
  final List<Special> specials = new ArrayList<>();
  private final Map<String, Integer> byName = new HashMap<>();

  int count() {
    return kinds.size();
  }

  Kind kind(int slot) {
    return kinds.get(slot);
  }

  int register(String key, Type type) {
    Kind kind = type.isPredicate() ? Kind.PREDICATE : type.bits() == 64 ? Kind.WIDE : Kind.NARROW;
    return byName.computeIfAbsent("r " + key, k -> add(kind, type.bits()));
  }

  /** The bits that a register keeps of a value. */
  long registerMask(int slot) {
    return -1L >>> 64 - bits.get(slot);
  }

  int constant(long bits, boolean wide) {
    return byName.computeIfAbsent(
        "c " + bits + wide,
        k -> {
          int slot = add(wide ? Kind.WIDE : Kind.NARROW, wide ? 64 : 32);
          constants.add(new Constant(slot, bits));
          return slot;
        });
  }

  int address(String variable, long offset, boolean wide) {
    return byName.computeIfAbsent(
        "a " + variable + "+" + offset + wide,
        k -> {
          int slot = add(wide ? Kind.WIDE : Kind.NARROW, wide ? 64 : 32);
          addresses.add(new Address(slot, variable, offset));
          return slot;
        });
  }

  int special(String name) {
    return byName.computeIfAbsent(
        "s " + name,
        k -> {
          boolean wide = SpecialRegisters.isWide(name);
          int slot = add(wide ? Kind.WIDE : Kind.NARROW, wide ? 64 : 32);
          specials.add(new Special(slot, name));
          return slot;
        });
  }

  private int add(Kind kind, int registerBits) {
    kinds.add(kind);
    bits.add(registerBits);
    return kinds.size() - 1;
  }
}
