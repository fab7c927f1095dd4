package org.slmruntime.backend.spi;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/** Gives the stored form of a graph's weights. Thread-safe; every weight of the graph is there. */
public interface Weights {
  /**
   * The bytes behind {@code weight}: rows follow each other without gaps, each a whole number of
   * blocks.
   */
  Stored get(Weight weight);

  /**
   * Says which weights these are, in words that are others whenever the weights may be. For who
   * keeps something that was made of them beyond this process.
   *
   * @return empty if that is not known, or if they were changed since they were opened
   */
  default Optional<String> identity() {
    return Optional.empty();
  }

  /**
   * @param type element format
   * @param data exactly {@code rows * columns} elements, little-endian; alignment is not promised
   */
  record Stored(DType type, MemorySegment data) {}
}
