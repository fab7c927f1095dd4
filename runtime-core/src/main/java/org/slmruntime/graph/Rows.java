package org.slmruntime.graph;

/** The symbolic row count of an activation; a step binds it. */
public enum Rows {
  /** T: one row per token of the step. */
  TOKENS,
  /** R: one row per token whose logits are wanted. */
  OUTPUTS
}
