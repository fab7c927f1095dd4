package org.slmruntime.ptx;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Warps that wait for their next block: making their registers is dear where kernels are short.
 * Those of the codes used last are kept, up to a limit.
 */
final class WarpPool {
  private static final long MOST_REGISTERS = 1 << 18;

  private final Map<Code, Deque<Warp>> spare = new LinkedHashMap<>(16, 0.75f, true);
  private long registers;

  Warp take(Launch launch) {
    Deque<Warp> warps = spare.get(launch.code);
    if (warps == null || warps.isEmpty()) {
      return new Warp(launch);
    }
    registers -= launch.code.slots().count();
    return warps.pop();
  }

  void give(Code code, Warp... warps) {
    Deque<Warp> kept = spare.computeIfAbsent(code, k -> new ArrayDeque<>());
    for (Warp warp : warps) {
      kept.push(warp);
      registers += code.slots().count();
    }
    Iterator<Map.Entry<Code, Deque<Warp>>> eldest = spare.entrySet().iterator();
    while (registers > MOST_REGISTERS && eldest.hasNext()) {
      Map.Entry<Code, Deque<Warp>> entry = eldest.next();
      registers -= (long) entry.getValue().size() * entry.getKey().slots().count();
      eldest.remove();
    }
  }
}
