package org.slmruntime.ptx;

import java.util.Arrays;

/** The slots with the same value in all lanes of all warps of a launch. */
final class Constants {
  private final Slots slots;
  private final int[][] narrow;
  private final long[][] wide;

  Constants(Slots slots, java.util.function.ToLongFunction<String> addresses) {
    this.slots = slots;
    narrow = new int[slots.count()][];
    wide = new long[slots.count()][];
    for (Slots.Constant c : slots.constants) {
      fill(c.slot(), c.bits());
    }
    for (Slots.Address a : slots.addresses) {
      fill(a.slot(), addresses.applyAsLong(a.variable()) + a.offset());
    }
  }

  private void fill(int slot, long value) {
    if (slots.kind(slot) == Slots.Kind.WIDE) {
      wide[slot] = new long[32];
      Arrays.fill(wide[slot], value);
    } else {
      narrow[slot] = new int[32];
      Arrays.fill(narrow[slot], (int) value);
    }
  }

  /** Puts the constants into a new warp's registers. */
  void share(Warp warp) {
    for (int i = 0; i < narrow.length; i++) {
      warp.narrow[i] = narrow[i];
      warp.wide[i] = wide[i];
    }
  }

  void define(Warp warp) {
    for (Slots.Constant c : slots.constants) {
      warp.defined[c.slot()] = -1;
    }
    for (Slots.Address a : slots.addresses) {
      warp.defined[a.slot()] = -1;
    }
  }
}
