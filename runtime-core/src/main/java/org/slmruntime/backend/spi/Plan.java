package org.slmruntime.backend.spi;

import java.util.Optional;

/** A graph compiled for a device. Used by one thread at a time. */
public interface Plan extends AutoCloseable {
  /**
   * Runs one step: appends the tokens' keys and values to the cache and computes the wanted rows.
   *
   * @return the logits, [outputs x vocabulary] row-major from index 0; owned by the plan and valid
   *     until the next step
   * @throws BackendException if the input breaks the plan's limits or the device failed
   */
  float[] step(StepInput input);

  /** Choosing tokens on the device, where the backend has it. */
  default Optional<DeviceSampling> sampling() {
    return Optional.empty();
  }

  /** What the plan holds. */
  MemoryUse memory();

  @Override
  void close();
}
