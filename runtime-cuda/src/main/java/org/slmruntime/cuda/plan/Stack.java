package org.slmruntime.cuda.plan;

import java.util.List;
import org.slmruntime.graph.Weight;

/**
 * Weight matrices of one format and width that the device holds as one matrix.
 *
 * @param interleaved whether row i of the two parts becomes rows 2i and 2i + 1; else the parts
 *     follow each other
 */
public record Stack(List<Weight> parts, boolean interleaved) {
  public Stack {
    parts = List.copyOf(parts);
  }

  public static Stack of(Weight matrix) {
    return new Stack(List.of(matrix), false);
  }

  public int rows() {
    return parts.stream().mapToInt(Weight::rows).reduce(0, Math::addExact);
  }

  public int columns() {
    return parts.getFirst().columns();
  }
}
