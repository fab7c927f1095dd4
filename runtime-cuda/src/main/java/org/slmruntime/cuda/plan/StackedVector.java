package org.slmruntime.cuda.plan;

import java.util.List;
import java.util.Optional;
import org.slmruntime.graph.Weight;

/**
 * Vectors that the device holds as one of float32, as {@link Stack} does with matrices.
 *
 * @param interleaved whether element i of the two parts becomes elements 2i and 2i + 1
 */
public record StackedVector(List<Part> parts, boolean interleaved) {
  /**
   * @param weight zeros where it is absent
   */
  public record Part(Optional<Weight> weight, int length) {}

  public StackedVector {
    parts = List.copyOf(parts);
  }

  public static StackedVector of(Weight vector) {
    return new StackedVector(
        List.of(new Part(Optional.of(vector), Math.toIntExact(vector.elements()))), false);
  }

  public int length() {
    return parts.stream().mapToInt(Part::length).reduce(0, Math::addExact);
  }
}
