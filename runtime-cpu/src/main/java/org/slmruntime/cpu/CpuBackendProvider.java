package org.slmruntime.cpu;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.natives.Machine;

/**
 * The CPU through the Vector API. Nothing here may link a class of {@code jdk.incubator.vector}
 * before it is known to be there.
 */
public final class CpuBackendProvider implements BackendProvider {
  static final String ID = "cpu";
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public int priority() {
    return 50;
  }

  @Override
  public Availability probe() {
    Optional<String> missing = missing();
    if (missing.isPresent()) {
      return new Availability.Unavailable(missing.get());
    }
    Machine machine = Machine.probe();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("vector", Lanes.bits() + " bit");
    facts.put("cores", Integer.toString(machine.cores()));
    return new Availability.Available(machine.processor(), Machine.availableMemory(), facts);
  }

  /** What keeps the Vector API from being there, or from being fast. */
  private static Optional<String> missing() {
    if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
      return Optional.of(
          "the Java option --add-modules " + VECTOR_MODULE + " is missing from the command line");
    }
    if (System.getProperty("java.vm.info", "").contains("interpreted")) {
      return Optional.of("the JVM only interprets (-Xint), which makes the Vector API slow");
    }
    return Optional.empty();
  }

  @Override
  public Backend open(BackendOptions options) {
    missing()
        .ifPresent(
            reason -> {
              throw new BackendException("backend cpu cannot be used: " + reason);
            });
    int threads = options.threads() > 0 ? options.threads() : Machine.probe().cores();
    return new CpuBackend(threads, options);
  }
}
