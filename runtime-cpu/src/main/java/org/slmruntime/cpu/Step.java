package org.slmruntime.cpu;

import org.slmruntime.backend.spi.StepInput;

/** One instruction of a compiled plan. Knows its buffers; allocates nothing when run. */
public interface Step {
  void run(StepInput input);
}
