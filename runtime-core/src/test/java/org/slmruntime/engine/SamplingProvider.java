package org.slmruntime.engine;

import java.util.Optional;
import org.slmruntime.backend.reference.ReferenceBackendProvider;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Graph;

/** The reference backend with plans that choose tokens themselves, see {@link SamplingPlan}. */
public final class SamplingProvider implements BackendProvider {
  static final String ID = "sampling";

  private final ReferenceBackendProvider reference = new ReferenceBackendProvider();

  @Override
  public String id() {
    return ID;
  }

  @Override
  public int priority() {
    return 1;
  }

  @Override
  public Availability probe() {
    return reference.probe();
  }

  @Override
  public Backend open(BackendOptions options) {
    return new SamplingBackend(reference.open(options));
  }

  private record SamplingBackend(Backend reference) implements Backend {
    @Override
    public String id() {
      return ID;
    }

    @Override
    public String description() {
      return ID;
    }

    @Override
    public Optional<String> unsupported(Graph graph, Weights weights) {
      return reference.unsupported(graph, weights);
    }

    @Override
    public MemoryUse estimate(Graph graph, Weights weights, PlanOptions options) {
      return reference.estimate(graph, weights, options);
    }

    @Override
    public Plan compile(Graph graph, Weights weights, PlanOptions options) {
      Plan plan = reference.compile(graph, weights, options);
      return new SamplingPlan(plan, graph.outputWidth(), options.maxOutputs());
    }

    @Override
    public void close() {
      reference.close();
    }
  }
}
