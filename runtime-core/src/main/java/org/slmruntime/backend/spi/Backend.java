package org.slmruntime.backend.spi;

import java.util.Optional;
import org.slmruntime.graph.Graph;

/** An opened device that compiles graphs. Thread-safe; closed after its plans. */
public interface Backend extends AutoCloseable {
  String id();

  /** One line for people: device, width, threads. */
  String description();

  /** Why this graph with these weights cannot run here, naming the operation or format. */
  Optional<String> unsupported(Graph graph, Weights weights);

  /** Memory that {@link #compile} would take, without taking it. */
  MemoryUse estimate(Graph graph, Weights weights, PlanOptions options);

  /**
   * Lays the weights out for the device, takes all memory a step can need, and returns the plan.
   * Weights must stay readable until the plan is closed.
   *
   * @throws BackendException if the graph is unsupported or the memory does not suffice, with the
   *     missing amount
   */
  Plan compile(Graph graph, Weights weights, PlanOptions options);

  @Override
  void close();
}
