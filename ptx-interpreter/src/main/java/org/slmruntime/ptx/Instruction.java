package org.slmruntime.ptx;

/** A decoded instruction: registers are slots of the warp, its work is a loop over lanes. */
abstract class Instruction {
  /** How the warp goes on after an instruction. */
  enum Kind {
    PLAIN,
    BRANCH,
    EXIT,
    COLLECTIVE,
    BARRIER
  }

  int index;
  int line;
  String text = "";
  int guard = -1;
  boolean guardNegated;

  /** Slots that are read and written, for the check of uninitialised registers. */
  int[] sources = {};

  int[] targets = {};

  final Kind kind;

  Instruction() {
    this(Kind.PLAIN);
  }

  Instruction(Kind kind) {
    this.kind = kind;
  }

  /** Does the work in the lanes of {@code mask}, which is not empty. */
  abstract void run(Warp warp, int mask);

  /** Whether undefined sources are an error here; else they make the targets undefined. */
  boolean needsDefinedSources() {
    return false;
  }

  /** The lanes of {@code mask} in which all that matters of the sources was ever written. */
  int defined(Warp warp, int mask) {
    int all = mask;
    for (int source : sources) {
      all &= warp.defined[source];
    }
    return all;
  }

  /**
   * Notes which lanes of the targets are defined, after the work was done in {@code mask}.
   *
   * @param ok lanes whose sources were
   */
  void define(Warp warp, int mask, int ok) {
    int result = ok & ~warp.undefinedLanes;
    for (int target : targets) {
      warp.defined[target] = warp.defined[target] & ~mask | result;
    }
  }

  /** Lanes that must take part together; only for collective instructions. */
  int members(Warp warp, int mask) {
    return mask;
  }
}
