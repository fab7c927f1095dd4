package org.slmruntime.ptx;

/** Looks for lanes of one store that write different values to the same bytes. */
final class SameAddress {
  private SameAddress() {}

  interface Same {
    boolean same(Warp warp, int a, int b);
  }

  static void check(Warp warp, int lanes, int bytes, Same same) {
    int[] at = warp.offsets;
    boolean apart = true;
    long last = Long.MIN_VALUE;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      apart &= at[lane] >= last;
      last = at[lane] + (long) bytes;
    }
    if (!apart) {
      checkPairs(warp, lanes, bytes, same);
    }
  }

  private static void checkPairs(Warp warp, int lanes, int bytes, Same same) {
    int[] at = warp.offsets;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int a = Integer.numberOfTrailingZeros(rest);
      for (int others = rest & rest - 1; others != 0; others &= others - 1) {
        int b = Integer.numberOfTrailingZeros(others);
        if (Math.abs(at[a] - at[b]) < bytes && !same.same(warp, a, b)) {
          throw warp.fail(
              b, "race: lanes " + a + " and " + b + " write different values to the same bytes");
        }
      }
    }
  }
}
