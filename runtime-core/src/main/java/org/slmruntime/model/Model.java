package org.slmruntime.model;

import org.slmruntime.backend.spi.Weights;
import org.slmruntime.format.ModelFile;
import org.slmruntime.graph.Graph;

/**
 * A model file understood: its graph and where its weights are. Immutable; valid until the file is
 * closed.
 *
 * @param contextLength the longest sequence the model was made for, in tokens
 * @param parameters elements of all tensors
 */
public record Model(
    ModelFile file,
    String architecture,
    Graph graph,
    Weights weights,
    int contextLength,
    long parameters) {
  /** Logits per position; may exceed the tokenizer's vocabulary (padding rows). */
  public int vocabulary() {
    return graph.outputWidth();
  }

  /**
   * The same model with another graph, whose weights are tensors of {@code more}.
   *
   * @param more the file with all its tensors, and others
   */
  public Model with(ModelFile more, Graph other) {
    return new Model(
        more, architecture, other, new FileWeights(more), contextLength, Models.parameters(more));
  }
}
