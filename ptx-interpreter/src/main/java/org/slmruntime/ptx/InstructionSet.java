package org.slmruntime.ptx;

/** Decodes instructions, family by family. */
final class InstructionSet {
  private InstructionSet() {}

  /**
   * @throws PtxException if the instruction is not known
   */
  static Instruction assemble(Form form, Operands o) {
    Instruction i =
        switch (form.base) {
          case "ld", "ldu" -> Loads.assemble(form, o);
          case "st" -> Stores.assemble(form, o);
          case "atom", "red" -> Atomics.assemble(form, o);
          case "cvt" -> Conversions.assemble(form, o);
          case "shfl", "vote", "match", "activemask", "redux", "elect" ->
              Collectives.assemble(form, o);
          case "bar", "barrier" -> Barriers.assemble(form, o);
          case "cp" -> AsyncCopies.assemble(form, o);
          case "ldmatrix", "movmatrix" -> MatrixMoves.assemble(form, o);
          case "mma" -> Matrices.assemble(form, o);
          case "exit" -> new Exit();
          case "trap" -> new Trap();
          default -> null;
        };
    if (i == null) {
      i = Hints.assemble(form, o);
    }
    return i != null ? i : arithmetic(form, o);
  }

  private static Instruction arithmetic(Form form, Operands o) {
    Instruction i = Moves.assemble(form, o);
    if (i == null) {
      i = Comparisons.assemble(form, o);
    }
    if (i == null && form.isFloat()) {
      i = Floats.assemble(form, o);
    }
    if (i == null) {
      i = Bits.assemble(form, o);
    }
    if (i == null) {
      i = Integers.assemble(form, o);
    }
    if (i == null) {
      throw new PtxException("instruction " + form.base + " is unknown");
    }
    return i;
  }
}
