package org.slmruntime.train.cpu;

import org.slmruntime.cpu.parallel.Region;
import org.slmruntime.cpu.parallel.Team;

/** Loops over rows or columns by all threads. For one caller at a time. */
final class Parallel {
  /** Elements below which waking others costs more than it gains. */
  private static final int CHUNK = 1 << 13;

  private final Team team;

  /** Handles {@code from .. to - 1}. */
  @FunctionalInterface
  interface Range {
    void run(int from, int to, int worker);
  }

  Parallel(Team team) {
    this.team = team;
  }

  Team team() {
    return team;
  }

  /** Splits {@code count} things of {@code size} elements each. */
  void forEach(int count, int size, Range range) {
    int step = Math.max(1, CHUNK / Math.max(1, size));
    team.run(new Chunks(count, step, range));
  }

  private record Chunks(int count, int step, Range range) implements Region {
    @Override
    public int chunks() {
      return Math.ceilDiv(count, step);
    }

    @Override
    public void run(int chunk, int worker) {
      range.run(chunk * step, Math.min(count, (chunk + 1) * step), worker);
    }
  }
}
