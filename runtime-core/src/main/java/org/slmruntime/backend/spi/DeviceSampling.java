package org.slmruntime.backend.spi;

import org.slmruntime.sampling.TokenDraws;

/**
 * Choosing tokens where the logits are computed, so that they need not come to the host. Optional;
 * belongs to a {@link Plan} and is used by its thread.
 */
public interface DeviceSampling {
  /**
   * Runs one step as {@link Plan#step} does, and chooses from each output row.
   *
   * @param draws one for each output row, in order
   * @return a token id for each output row from index 0, or a negative number where the row's
   *     largest logit is infinite or one is NaN; owned by the plan and valid until the next step
   * @throws BackendException as {@link Plan#step}
   */
  int[] step(StepInput input, TokenDraws draws);

  /** The logits of the last step, as {@link Plan#step} returns them. */
  float[] logits();
}
