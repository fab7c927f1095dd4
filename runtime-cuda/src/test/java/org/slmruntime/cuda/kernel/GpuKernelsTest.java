package org.slmruntime.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slmruntime.cuda.driver.ForwardingDriver;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.cuda.testing.InterpretedDriver;

class GpuKernelsTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final List<String> loaded = new ArrayList<>();

  /** Writes down what is loaded. */
  private final class LoggingDriver extends ForwardingDriver {
    LoggingDriver(GpuDriver driver) {
      super(driver);
    }

    @Override
    public long loadModule(String name, byte[] ptx) {
      loaded.add(name);
      return super.loadModule(name, ptx);
    }
  }

  private final InterpretedDriver device = new InterpretedDriver(DeviceOptions.checked(seed));
  private final GpuKernels kernels = new GpuKernels(new LoggingDriver(device));

  @BeforeEach
  void makeCurrent() {
    device.makeCurrent();
  }

  private static void bind(GpuKernels kernels, String entry) {
    KernelArguments arguments = kernels.arguments(entry, Arena.ofAuto());
    assertEquals(entry, kernels.bind(Grid.of(1, 128), arguments).name());
  }

  @Test
  void loadsAModuleOnceWhenItsFirstKernelIsBound() {
    assertEquals(List.of(), loaded);
    bind(kernels, "scale");
    bind(kernels, "add");
    bind(kernels, "scale");
    assertEquals(List.of("pointwise"), loaded);
    bind(kernels, "rope");
    assertEquals(List.of("pointwise", "cache"), loaded);
  }

  @Test
  void unloadsWhatItLoaded() {
    bind(kernels, "scale");
    assertFalse(device.isEmpty());
    kernels.close();
    assertTrue(device.isEmpty());
  }

  @Test
  void refusesKernelsThatNeedANewerDevice() {
    GpuKernels old =
        new GpuKernels(
            new InterpretedDriver(DeviceOptions.checked(seed).withComputeCapability(75)));
    assertTrue(kernels.supports("scale"));
    assertFalse(old.supports("scale"));
    GpuException e = assertThrows(GpuException.class, () -> bind(old, "scale"));
    assertEquals(
        "kernel scale needs compute capability 8.0 but interpreter has 7.5", e.getMessage());
  }

  @Test
  void namesKernelsThatThereAreNot() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> bind(kernels, "nothing"));
    assertTrue(e.getMessage().contains("nothing"), e.getMessage());
  }
}
