package org.slmruntime.backend.spi;

import org.slmruntime.graph.Node;

/** Sees activations as they are computed. Called on the step's thread. */
@FunctionalInterface
public interface ValueObserver {
  /** Sees nothing. */
  ValueObserver NONE = (_, _, _) -> {};

  /**
   * @param node whose output it is
   * @param rows how many rows the step has of it
   * @param data at least {@code rows * width} floats, row-major; valid during the call only
   */
  void onValue(Node node, int rows, float[] data);
}
