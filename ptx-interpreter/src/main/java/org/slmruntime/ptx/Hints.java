package org.slmruntime.ptx;

/** Instructions that change nothing that an interpreter could see, and fences. */
final class Hints {
  private Hints() {}

  /** Null if the base is of another family. */
  static Instruction assemble(Form form, Operands o) {
    switch (form.base) {
      case "nanosleep",
          "griddepcontrol",
          "prefetch",
          "prefetchu",
          "pmevent",
          "brkpt",
          "discard",
          "applypriority" -> {
        form.ignore("");
        return new Nothing();
      }
      case "membar", "fence" -> {
        form.ignore("");
        return new Fence();
      }
      case "createpolicy" -> {
        form.ignore("");
        int d = o.target(0, Type.of("b64"));
        int zero = o.constant(0, true);
        return new Wide(IntegerLoops.COPY_WIDE, d, zero, zero, zero);
      }
      default -> {
        return null;
      }
    }
  }

  private static final class Nothing extends Instruction {
    @Override
    void run(Warp warp, int mask) {
      // only a hint
    }
  }

  private static final class Fence extends Instruction {
    @Override
    void run(Warp warp, int mask) {
      warp.block.fenced = true;
    }
  }
}
