package org.slmruntime.cuda;

import java.util.Map;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;
import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.cuda.testing.InterpretedDriver;

/** The CUDA backend on an interpreted device, for suites that choose backends by name. */
public final class InterpretedProvider implements BackendProvider {
  static final String ID = "interpreted";

  @Override
  public String id() {
    return ID;
  }

  /** Nobody gets it without asking. */
  @Override
  public int priority() {
    return -1;
  }

  @Override
  public Availability probe() {
    return new Availability.Available(ID, 1L << 30, Map.of());
  }

  @Override
  public Backend open(BackendOptions options) {
    return backend(DeviceOptions.fast(System.nanoTime()).withoutGemm());
  }

  static CudaBackend backend(DeviceOptions device) {
    return new CudaBackend(new InterpretedDriver(device), CudaSettings.defaults().withHeadroom(0));
  }
}
