package org.slmruntime.backend;

import java.util.Map;
import java.util.Optional;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Graph;

/** Available, preferred to the reference backend, with 1000 bytes of memory; it runs nothing. */
public final class SmallProvider implements BackendProvider {
  @Override
  public String id() {
    return "small";
  }

  @Override
  public int priority() {
    return 900;
  }

  @Override
  public Availability probe() {
    return new Availability.Available("a small device", 1000, Map.of());
  }

  /** It has one device only. */
  @Override
  public Backend open(BackendOptions options) {
    if (options.device() > 0) {
      throw new BackendException("there is no device " + options.device());
    }
    return new SmallBackend();
  }

  /** Remembers whether it was closed. */
  static final class SmallBackend implements Backend {
    boolean closed;

    @Override
    public String id() {
      return "small";
    }

    @Override
    public String description() {
      return "small (1000 bytes)";
    }

    @Override
    public Optional<String> unsupported(Graph graph, Weights weights) {
      return Optional.empty();
    }

    @Override
    public MemoryUse estimate(Graph graph, Weights weights, PlanOptions options) {
      return new MemoryUse(0, 1001, 0, 0);
    }

    @Override
    public Plan compile(Graph graph, Weights weights, PlanOptions options) {
      throw new BackendException("runs nothing");
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
