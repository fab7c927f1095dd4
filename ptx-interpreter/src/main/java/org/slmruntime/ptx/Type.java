package org.slmruntime.ptx;

/**
 * A type suffix.
 *
 * @param kind b, u, s, f (floats, also packed halves), x (bf16) or p (predicate)
 * @param bits of one value
 */
record Type(String name, char kind, int bits) {
  /** The type a suffix names, null if it names none. */
  static Type of(String name) {
    return switch (name) {
      case "b8",
          "u8",
          "s8",
          "b16",
          "u16",
          "s16",
          "b32",
          "u32",
          "s32",
          "b64",
          "u64",
          "s64",
          "b128" ->
          new Type(name, name.charAt(0), Integer.parseInt(name.substring(1)));
      case "f16" -> new Type(name, 'f', 16);
      case "f16x2", "f32", "tf32" -> new Type(name, 'f', 32);
      case "f64" -> new Type(name, 'f', 64);
      case "bf16" -> new Type(name, 'x', 16);
      case "bf16x2" -> new Type(name, 'x', 32);
      case "pred" -> new Type(name, 'p', 1);
      default -> null;
    };
  }

  boolean isFloat() {
    return kind == 'f' || kind == 'x';
  }

  boolean isSigned() {
    return kind == 's';
  }

  boolean isPredicate() {
    return kind == 'p';
  }

  boolean is(String other) {
    return name.equals(other);
  }

  int bytes() {
    return bits / 8;
  }

  /** Cuts a value to this type's bits, with its sign if it has one. */
  long normalize(long value) {
    return isSigned() ? signed(value) : unsigned(value);
  }

  long signed(long value) {
    return value << 64 - bits >> 64 - bits;
  }

  long unsigned(long value) {
    return value << 64 - bits >>> 64 - bits;
  }
}
