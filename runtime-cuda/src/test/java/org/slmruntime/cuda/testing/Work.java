package org.slmruntime.cuda.testing;

/** Something that is queued on a stream or recorded in a graph. */
@FunctionalInterface
interface Work {
  /** Does it; may be called again, by a graph. */
  void run();

  /**
   * Called whenever it is queued.
   *
   * @throws org.slmruntime.ptx.PtxException if it would use memory that was freed
   */
  default void checkPointers() {}
}
