package org.slmruntime.cuda.run;

import java.util.function.Function;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cuda.plan.Fuser;
import org.slmruntime.cuda.plan.Program;
import org.slmruntime.cuda.weights.DeviceWeights;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/**
 * Everything about a plan that can be known without taking memory.
 *
 * @param weights planned, not yet uploaded
 */
public record Blueprint(
    Program program,
    PlanOptions options,
    Capacity capacity,
    LibraryUse library,
    DeviceWeights weights,
    KvLayout cache,
    WorkspaceLayout workspace) {
  public static Blueprint of(Graph graph, Weights stored, PlanOptions options, LibraryUse library) {
    Function<Weight, DType> types = weight -> stored.get(weight).type();
    boolean observed = !options.observer().equals(ValueObserver.NONE);
    Program program = observed ? Fuser.separate(graph) : Fuser.fuse(graph, types);
    Capacity capacity = Capacity.of(options);
    return new Blueprint(
        program,
        options,
        capacity,
        library,
        DeviceWeights.plan(program, types),
        KvLayout.of(graph.kvLayers(), options),
        WorkspaceLayout.of(program, types, capacity, library));
  }

  /**
   * Refuses steps that are too large for any device.
   *
   * @throws BackendException with the limit
   */
  public static void requireSteps(Graph graph, PlanOptions options) {
    if (options.maxTokens() > Capacity.MAX_ROWS || options.maxOutputs() > Capacity.MAX_ROWS) {
      throw new BackendException(
          "backend cuda runs steps of at most "
              + Capacity.MAX_ROWS
              + " tokens; use smaller steps than "
              + Math.max(options.maxTokens(), options.maxOutputs()));
    }
    if ((long) options.maxOutputs() * graph.outputWidth() > Integer.MAX_VALUE - 8) {
      throw new BackendException(
          options.maxOutputs()
              + " rows of "
              + graph.outputWidth()
              + " logits are too large for one array; use fewer output rows");
    }
  }

  /** Exactly what is allocated. */
  public MemoryUse memory() {
    return new MemoryUse(0, weights.bytes(), cache.bytes(), workspace.bytes());
  }
}
