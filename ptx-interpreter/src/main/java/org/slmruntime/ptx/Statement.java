package org.slmruntime.ptx;

import java.util.List;

/** A line of a function's body. */
sealed interface Statement {
  record Label(String name) implements Statement {}

  /**
   * @param guard a register, or null
   */
  record Code(
      int line,
      Operand.Register guard,
      boolean guardNegated,
      String opcode,
      List<Operand> operands,
      String text)
      implements Statement {}
}
