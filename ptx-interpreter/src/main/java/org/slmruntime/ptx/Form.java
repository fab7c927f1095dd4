package org.slmruntime.ptx;

import java.util.Arrays;

/** An opcode as written: its base name and its modifiers, each of which must be understood. */
final class Form {
  final String base;
  private final String[] modifiers;
  private final boolean[] used;

  Form(String opcode) {
    String[] parts = opcode.split("\\.", -1);
    base = parts[0];
    modifiers = Arrays.copyOfRange(parts, 1, parts.length);
    used = new boolean[modifiers.length];
  }

  /** Whether the modifier is there. */
  boolean take(String modifier) {
    for (int i = 0; i < modifiers.length; i++) {
      if (!used[i] && modifiers[i].equals(modifier)) {
        used[i] = true;
        return true;
      }
    }
    return false;
  }

  /** The one of these that is there, "" if none is. */
  String takeAny(String... choices) {
    for (String choice : choices) {
      if (take(choice)) {
        return choice;
      }
    }
    return "";
  }

  /** Drops modifiers that begin like this: hints without meaning here. */
  void ignore(String prefix) {
    for (int i = 0; i < modifiers.length; i++) {
      used[i] |= modifiers[i].startsWith(prefix);
    }
  }

  /** The first modifier not taken yet that names a type. */
  Type type() {
    for (int i = 0; i < modifiers.length; i++) {
      Type type = used[i] ? null : Type.of(modifiers[i]);
      if (type != null) {
        used[i] = true;
        return type;
      }
    }
    throw new PtxException("no type");
  }

  /** Whether a type is left to take. */
  boolean hasType() {
    for (int i = 0; i < modifiers.length; i++) {
      if (!used[i] && Type.of(modifiers[i]) != null) {
        return true;
      }
    }
    return false;
  }

  /** Whether a modifier names a type of floats. */
  boolean isFloat() {
    for (String modifier : modifiers) {
      Type type = Type.of(modifier);
      if (type != null && type.isFloat()) {
        return true;
      }
    }
    return false;
  }

  /** Fails on modifiers nobody took. */
  void finish() {
    for (int i = 0; i < modifiers.length; i++) {
      if (!used[i]) {
        throw new PtxException("modifier ." + modifiers[i] + " is unknown here");
      }
    }
  }
}
