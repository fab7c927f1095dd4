package org.slmruntime.kernels;

import java.util.List;

/**
 * An entry point and what it takes.
 *
 * @param module whose PTX holds it
 * @param minimumSm compute capability it needs, e.g. 80
 * @param arguments in order, with their offsets in the parameter space
 */
public record KernelSignature(
    String module, String entry, int minimumSm, List<Argument> arguments) {
  /** Kinds of arguments. */
  public enum Type {
    MATRIX(48, 8),
    POINTER(8, 8),
    INT(4, 4),
    FLOAT(4, 4);

    /** Planes of a matrix. */
    public static final int MATRIX_PLANES = 4;

    final int bytes;
    final int alignment;

    Type(int bytes, int alignment) {
      this.bytes = bytes;
      this.alignment = alignment;
    }

    public int bytes() {
      return bytes;
    }

    public int alignment() {
      return alignment;
    }
  }

  /**
   * @param optional whether a pointer may be null
   * @param offset in bytes
   */
  public record Argument(String name, Type type, boolean optional, int offset) {}

  public KernelSignature {
    arguments = List.copyOf(arguments);
  }

  /** Bytes of all arguments with their alignment. */
  public int bytes() {
    if (arguments.isEmpty()) {
      return 0;
    }
    Argument last = arguments.getLast();
    return last.offset() + last.type().bytes();
  }

  /**
   * Where an argument lies.
   *
   * @throws IllegalArgumentException if there is none of this name and type
   */
  public int offset(String name, Type type) {
    for (int i = 0; i < arguments.size(); i++) { // An iterator would be garbage at each launch.
      Argument argument = arguments.get(i);
      if (argument.name().equals(name) && argument.type() == type) {
        return argument.offset();
      }
    }
    throw new IllegalArgumentException(
        "kernel " + entry + " has no argument " + name + " of type " + type + ": " + arguments);
  }
}
