package org.slmruntime.ptx;

/**
 * Where a warp's lanes are. Those at the lowest place run first, so that paths meet again where
 * they join. Lanes that came to a collective instruction before others wait for these.
 */
final class Divergence {
  /** Place and lanes that run now. */
  int pc;

  int mask;

  private final Warp warp;
  private final Instruction[] code;
  private final int[] pcs = new int[64];
  private final int[] masks = new int[64];
  private final boolean[] parked = new boolean[64];
  private int count;
  private int joinAt = Integer.MAX_VALUE;

  Divergence(Warp warp, Instruction[] code) {
    this.warp = warp;
    this.code = code;
  }

  void begin(int lanes) {
    pc = 0;
    mask = lanes;
    count = 0;
    joinAt = Integer.MAX_VALUE;
  }

  void advance() {
    pc++;
    if (pc == joinAt) {
      pick();
    }
  }

  void branch(int target, int taken) {
    int others = mask & ~taken;
    if (taken == 0) {
      advance();
    } else if (others == 0) {
      pc = target;
      if (count > 0) {
        pick();
      }
    } else {
      add(target, taken, false);
      mask = others;
      pc++;
      pick();
    }
  }

  /** Takes lanes that have ended out of those that run. */
  void drop(int lanes) {
    mask &= ~lanes;
    if (mask != 0) {
      advance();
    } else if (count > 0) {
      pick();
    }
  }

  /**
   * Brings lanes together at a collective instruction: all that take part, or 0 if some are not
   * there yet and others run meanwhile.
   */
  int gather(Instruction i, int arrived) {
    int together = arrived | parkedAt(pc);
    int members = i.members(warp, together);
    if ((members & ~warp.live) != 0) {
      throw warp.fail(
          Integer.numberOfTrailingZeros(arrived),
          "a lane that must take part has ended, lanes "
              + Integer.toHexString(members & ~warp.live));
    }
    if ((members & ~together) == 0) {
      remove(pc);
      mask |= together;
      return together;
    }
    add(pc, arrived, true);
    mask &= ~arrived;
    if (mask != 0) {
      advance();
    } else {
      pick();
    }
    return 0;
  }

  private int parkedAt(int place) {
    for (int i = 0; i < count; i++) {
      if (parked[i] && pcs[i] == place) {
        return masks[i];
      }
    }
    return 0;
  }

  private void remove(int place) {
    for (int i = count - 1; i >= 0; i--) {
      if (parked[i] && pcs[i] == place) {
        removeAt(i);
      }
    }
  }

  private void removeAt(int i) {
    count--;
    pcs[i] = pcs[count];
    masks[i] = masks[count];
    parked[i] = parked[count];
  }

  private void add(int place, int lanes, boolean park) {
    for (int i = 0; i < count; i++) {
      if (pcs[i] == place && parked[i] == park) {
        masks[i] |= lanes;
        return;
      }
    }
    pcs[count] = place;
    masks[count] = lanes;
    parked[count++] = park;
  }

  /** Lets those at the lowest place run, all of them that may. */
  private void pick() {
    if (mask != 0) {
      add(pc, mask, false);
    }
    int best = lowest();
    if (best < 0) {
      best = complete();
    }
    pc = pcs[best];
    mask = masks[best];
    removeAt(best);
    int next = lowest();
    joinAt = next < 0 ? Integer.MAX_VALUE : pcs[next];
  }

  private int lowest() {
    int best = -1;
    for (int i = 0; i < count; i++) {
      if (!parked[i] && (best < 0 || pcs[i] < pcs[best])) {
        best = i;
      }
    }
    return best;
  }

  /** All wait: someone may go on if those he waits for have ended. */
  private int complete() {
    for (int i = 0; i < count; i++) {
      int members = code[pcs[i]].members(warp, masks[i]);
      if ((members & ~masks[i]) == 0) {
        return i;
      }
    }
    Instruction first = code[pcs[0]];
    int ended = count == 1 ? first.members(warp, masks[0]) & ~warp.live : 0;
    throw warp.fail(
        first,
        Integer.numberOfTrailingZeros(masks[0]),
        ended != 0
            ? "a lane that must take part has ended, lanes " + Integer.toHexString(ended)
            : "lanes wait for each other at different places:" + positions());
  }

  String positions() {
    StringBuilder text = new StringBuilder();
    if (mask != 0) {
      append(text, pc, mask);
    }
    for (int i = 0; i < count; i++) {
      append(text, pcs[i], masks[i]);
    }
    return text.toString();
  }

  private void append(StringBuilder text, int place, int lanes) {
    text.append(" [line ")
        .append(code[place].line)
        .append(": ")
        .append(code[place].text)
        .append(", lanes ")
        .append(Integer.toHexString(lanes))
        .append(']');
  }
}
