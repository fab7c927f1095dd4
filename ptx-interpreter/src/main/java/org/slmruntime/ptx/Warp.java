package org.slmruntime.ptx;

import java.util.Arrays;
import java.util.Locale;

/** A warp's registers and place in its code. */
final class Warp {
  enum State {
    READY,
    WAITING,
    DONE
  }

  int index;
  Block block;
  final int[][] narrow;
  final long[][] wide;
  final int[] predicates;

  /** Per register, the lanes in which it was ever written. */
  final int[] defined;

  final int[] narrowScratch = new int[32];
  final long[] wideScratch = new long[32];
  final long[] addresses = new long[32];
  final int[] offsets = new int[32];
  final Region local;
  final AsyncGroups async = new AsyncGroups(this);

  /** Grows at every synchronization; with {@code seen} it tells which accesses are ordered. */
  int clock = 1;

  /** Per warp of the block, the clock up to which its accesses come before this warp's. */
  final int[] seen = new int[32];

  /** What {@link Segments} calls that which the warp does now. */
  int segment;

  int segmentClock;
  State state = State.READY;

  /** Lanes in which the instruction that runs gives nothing defined. */
  int undefinedLanes;

  /** Lanes that have not ended. */
  int live;

  private final Instruction[] code;
  private final boolean checks;
  private final Divergence paths;
  private Instruction running;
  private int activeLanes;
  private String undefinedLoad;
  private long executed;

  /** A warp for blocks of this launch; {@link #begin} puts it into one. */
  Warp(Launch launch) {
    Slots slots = launch.code.slots();
    code = launch.code.instructions();
    checks = launch.options.checks();
    narrow = new int[slots.count()][];
    wide = new long[slots.count()][];
    predicates = new int[slots.count()];
    defined = new int[slots.count()];
    launch.constants.share(this);
    for (int i = 0; i < slots.count(); i++) {
      switch (slots.kind(i)) {
        case NARROW -> narrow[i] = narrow[i] == null ? new int[32] : narrow[i];
        case WIDE -> wide[i] = wide[i] == null ? new long[32] : wide[i];
        case PREDICATE -> {}
      }
    }
    local = new Region(0, 32 * launch.code.localBytes(), false);
    paths = new Divergence(this, code);
  }

  /** Starts in a block; of an earlier one nothing is left but values that count as undefined. */
  void begin(Block in, int number, int lanes) {
    block = in;
    index = number;
    live = lanes;
    state = State.READY;
    clock = 1;
    segmentClock = 0;
    executed = 0;
    undefinedLoad = null;
    Arrays.fill(seen, 0);
    Arrays.fill(defined, 0);
    Arrays.fill(local.states, Region.NEVER_WRITTEN);
    async.clear();
    paths.begin(lanes);
    block.launch.constants.define(this);
    for (Slots.Special s : block.launch.code.slots().specials) {
      defined[s.slot()] = -1;
      SpecialRegisters.fill(s, this);
    }
  }

  long get(int slot, int lane) {
    int[] r = narrow[slot];
    return r != null ? r[lane] & 0xffffffffL : wide[slot][lane];
  }

  void set(int slot, int lane, long value) {
    int[] r = narrow[slot];
    if (r != null) {
      r[lane] = (int) value;
    } else {
      wide[slot][lane] = value;
    }
  }

  /** Copies the scratch values of these lanes to a register. */
  void keepNarrow(int slot, int mask) {
    int[] to = narrow[slot];
    if (mask == -1) {
      System.arraycopy(narrowScratch, 0, to, 0, 32);
      return;
    }
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      to[lane] = narrowScratch[lane];
    }
  }

  /** Copies the scratch values of these lanes to a register. */
  void keepWide(int slot, int mask) {
    long[] to = wide[slot];
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      to[lane] = wideScratch[lane];
    }
  }

  /** Whether some lanes are elsewhere than those that run now. */
  boolean isDiverged() {
    return activeLanes != live;
  }

  /** What follows is done by one lane, wherever the others are. */
  void alone(int lane) {
    activeLanes = 1 << lane;
  }

  int line() {
    return running.line;
  }

  /** Accesses so far come before what this warp's lanes do from now on. */
  void synchronizeLanes() {
    seen[index] = clock++;
  }

  /** Runs until it waits, ends or has done so many instructions. */
  void run(int fuel) {
    Tally tally = block.launch.tally;
    int done = 0;
    long lanes = 0;
    while (done < fuel && state == State.READY) {
      Instruction i = code[paths.pc];
      running = i;
      int mask = paths.mask;
      if (i.guard >= 0) {
        mask &= guard(i);
      }
      done++;
      lanes += Integer.bitCount(mask);
      switch (i.kind) {
        case PLAIN -> {
          if (mask != 0) {
            execute(i, mask);
          }
          paths.advance();
        }
        case BRANCH -> paths.branch(((Branch) i).target, mask);
        case EXIT -> exit(mask);
        case COLLECTIVE, BARRIER -> collective(i, mask);
      }
    }
    tally.warpInstructions += done;
    tally.laneInstructions += lanes;
    executed += done;
    if (executed > Launch.MOST_INSTRUCTIONS) {
      throw fail(Integer.numberOfTrailingZeros(live), "the warp does not come to an end");
    }
  }

  private int guard(Instruction i) {
    int undefined = paths.mask & ~defined[i.guard];
    if (checks && undefined != 0) {
      throw fail(
          Integer.numberOfTrailingZeros(undefined), "its guard depends on " + neverWritten());
    }
    int p = predicates[i.guard];
    return i.guardNegated ? ~p : p;
  }

  private void execute(Instruction i, int mask) {
    if (!checks) {
      i.run(this, mask);
      return;
    }
    activeLanes = mask;
    int ok = i.defined(this, mask);
    if (ok != mask && i.needsDefinedSources()) {
      throw fail(Integer.numberOfTrailingZeros(mask & ~ok), "it depends on " + neverWritten());
    }
    undefinedLanes = 0;
    i.run(this, mask);
    i.define(this, mask, ok);
  }

  /** Notes lanes that loaded bytes never written: an error if anything comes to depend on them. */
  void loadUndefined(int lanes, String where) {
    undefinedLanes |= lanes;
    undefinedLoad =
        "a register never written, or loaded from memory never written, as last at line "
            + running.line
            + ", '"
            + running.text
            + "', "
            + where;
  }

  private String neverWritten() {
    return undefinedLoad == null ? "a register never written" : undefinedLoad;
  }

  private void exit(int mask) {
    live &= ~mask;
    paths.drop(mask);
    if (live == 0) {
      state = State.DONE;
      block.left(this);
    }
  }

  private void collective(Instruction i, int mask) {
    if (mask == 0) {
      paths.advance();
      return;
    }
    int together = paths.gather(i, mask);
    if (together == 0) {
      return;
    }
    paths.advance();
    execute(i, together);
  }

  /** An exception that says where a lane fails. */
  PtxException fail(int lane, String what) {
    return fail(running, lane, what);
  }

  PtxException fail(Instruction i, int lane, String what) {
    return new PtxException(
        block.launch.code.name()
            + ", line "
            + i.line
            + ", '"
            + i.text
            + "', block "
            + block.name()
            + ", warp "
            + index
            + ", lane "
            + lane
            + ": "
            + what);
  }

  /** Where the warp is, for a report. */
  String position() {
    String name = "warp " + index + " " + state.name().toLowerCase(Locale.ROOT);
    return state == State.WAITING
        ? name + " [line " + running.line + ": " + running.text + "]"
        : name + paths.positions();
  }
}
