package org.slmruntime.train.cpu;

/** What happens to the values of the forward pass that gradients read. */
public enum Activations {
  /** They stay in memory: fastest. */
  KEPT,
  /**
   * They are computed again, layer by layer (Chen et al., 2016): about a third more work, and for
   * each layer little more than the residual stream stays in memory. Gradients are the same to the
   * bit.
   */
  RECOMPUTED
}
