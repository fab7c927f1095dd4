package org.slmruntime.ptx;

/** State spaces. Generic addresses tell their space by the window they lie in. */
enum Space {
  GLOBAL,
  SHARED,
  LOCAL,
  PARAMETER,
  GENERIC;

  static final long SHARED_WINDOW = 1L << 56;
  static final long LOCAL_WINDOW = 2L << 56;
  static final long PARAMETER_WINDOW = 3L << 56;

  private static final Space[] WINDOWS = {GLOBAL, SHARED, LOCAL, PARAMETER};

  /** The space of a generic address. */
  static Space of(long address) {
    long window = address >>> 56;
    return window < WINDOWS.length ? WINDOWS[(int) window] : GLOBAL;
  }

  /** The address within its space. */
  static long within(long address) {
    return address >>> 56 < WINDOWS.length ? address & (1L << 56) - 1 : address;
  }

  static Space named(String name) {
    return switch (name) {
      case "global", "const" -> GLOBAL;
      case "shared", "shared::cta" -> SHARED;
      case "local" -> LOCAL;
      case "param", "param::entry", "param::func" -> PARAMETER;
      default -> GENERIC;
    };
  }
}
