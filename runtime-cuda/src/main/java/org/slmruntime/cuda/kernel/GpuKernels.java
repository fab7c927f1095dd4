package org.slmruntime.cuda.kernel;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.kernels.KernelCatalog;
import org.slmruntime.kernels.KernelSignature;

/**
 * Kernels by the names of their entry points. A module is loaded when the first of its kernels is
 * bound, and compiled by the driver unless it did so before, which can take seconds; so everything
 * is bound before a stream is recorded. Used by the driver's thread.
 */
public final class GpuKernels implements AutoCloseable {
  private final GpuDriver driver;
  private final KernelCatalog catalog;
  private final Map<String, Long> modules = new HashMap<>();
  private final Map<String, Long> functions = new HashMap<>();

  public GpuKernels(GpuDriver driver) {
    this(driver, KernelCatalog.load());
  }

  GpuKernels(GpuDriver driver, KernelCatalog catalog) {
    this.driver = driver;
    this.catalog = catalog;
  }

  /** Whether the device is new enough for a kernel; there must be one of this name. */
  public boolean supports(String entry) {
    return catalog.get(entry).minimumSm() <= driver.info().computeCapability();
  }

  /**
   * Room for a kernel's arguments, all zero.
   *
   * @param arena lives until the last launch with them is done
   */
  public KernelArguments arguments(String entry, Arena arena) {
    return new KernelArguments(catalog.get(entry), arena);
  }

  /**
   * Prepares a launch of the kernel that the arguments are for, without dynamic shared memory.
   *
   * @throws GpuException if the device is too old for it, or the driver refuses its module
   */
  public Launch bind(Grid grid, KernelArguments arguments) {
    return bind(grid, 0, arguments);
  }

  /** The same with bytes of dynamic shared memory. */
  public Launch bind(Grid grid, int sharedBytes, KernelArguments arguments) {
    KernelSignature kernel = arguments.signature();
    return driver.prepare(function(kernel), kernel.entry(), grid, sharedBytes, arguments);
  }

  private long function(KernelSignature kernel) {
    Long known = functions.get(kernel.entry());
    if (known != null) {
      return known;
    }
    if (!supports(kernel.entry())) {
      throw new GpuException(
          "kernel "
              + kernel.entry()
              + " needs compute capability "
              + capability(kernel.minimumSm())
              + " but "
              + driver.info().name()
              + " has "
              + capability(driver.info().computeCapability()),
          0);
    }
    long function = driver.function(module(kernel.module()), kernel.entry());
    functions.put(kernel.entry(), function);
    return function;
  }

  private long module(String name) {
    return modules.computeIfAbsent(
        name, module -> driver.loadModule(module, KernelCatalog.ptx(module)));
  }

  private static String capability(int sm) {
    return sm / 10 + "." + sm % 10;
  }

  /** Unloads all modules; no launch of their kernels may be queued. */
  @Override
  public void close() {
    modules.values().forEach(driver::unloadModule);
    modules.clear();
    functions.clear();
  }
}
