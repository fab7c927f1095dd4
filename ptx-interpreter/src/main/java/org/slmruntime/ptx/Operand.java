package org.slmruntime.ptx;

import java.util.List;

/** What an instruction works on, as written. */
sealed interface Operand {
  /** A register; the key is unique in its function. */
  record Register(String key, Type type) implements Operand {}

  /** A special register such as %tid.x. */
  record Special(String name) implements Operand {}

  /** A number: integers in {@code bits}, floats as their bit pattern of 32 or 64 bits. */
  record Immediate(long bits, char kind) implements Operand {}

  /** The address of a variable, parameter, label or function. */
  record Symbol(String name, long offset) implements Operand {}

  /** Memory at a base plus an offset. */
  record Memory(Operand base, long offset) implements Operand {}

  record Vector(List<Operand> elements) implements Operand {}

  /** Two targets, as in p|q. */
  record Pair(Operand first, Operand second) implements Operand {}

  record Not(Operand operand) implements Operand {}

  /** A target nobody reads. */
  record Sink() implements Operand {}

  /** Arguments of a call. */
  record Arguments(List<String> names) implements Operand {}
}
