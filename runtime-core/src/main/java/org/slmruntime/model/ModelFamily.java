package org.slmruntime.model;

import java.util.Set;
import org.slmruntime.graph.Graph;

/** Builds the graph of one family of architectures. Stateless. */
public interface ModelFamily {
  /** The values of {@code general.architecture} it builds. */
  Set<String> architectures();

  /**
   * Builds the graph and checks that every tensor it needs is there with the right shape.
   *
   * @throws ModelException or {@link org.slmruntime.format.FormatException} naming the tensor or
   *     key
   */
  Graph graph(ModelSource source);
}
