package org.slmruntime.train.gradient;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;

/**
 * How to compute the gradients of a graph's trained weights from the gradient of its output. The
 * executor runs the graph, has the gradient of the output from the loss, sets the weights'
 * gradients to zero (or keeps those of batches before, to add up), and runs the steps. Immutable.
 *
 * @param graph the forward pass
 * @param trained the weights that get gradients, in order of first use
 * @param steps in execution order
 */
public record BackwardProgram(Graph graph, Set<Weight> trained, List<Gradient> steps) {
  public BackwardProgram {
    trained = Collections.unmodifiableSet(new LinkedHashSet<>(trained));
    steps = List.copyOf(steps);
  }

  /** Differentiates {@code graph} with respect to {@code trained}; see {@link Differentiation}. */
  public static BackwardProgram of(Graph graph, Set<Weight> trained) {
    return new Differentiation(graph, trained).program();
  }

  /**
   * The values of the forward pass that some step reads. All others may be forgotten as soon as the
   * forward pass has no more use for them.
   */
  public Set<Value> kept() {
    Set<Value> kept = new LinkedHashSet<>();
    steps.forEach(step -> kept.addAll(step.reads()));
    return kept;
  }

  /** A line per step: the gradient read, those computed, and the weights'. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("gradients of ").append(graph.name()).append('\n');
    for (Gradient step : steps) {
      text.append("  d").append(step.output()).append(" ->");
      step.contributions().forEach(c -> text.append(' ').append(c));
      step.weights().forEach(w -> text.append(" d").append(w).append(" +="));
      text.append('\n');
    }
    return text.toString();
  }
}
