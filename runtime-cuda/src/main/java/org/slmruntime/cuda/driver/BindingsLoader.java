package org.slmruntime.cuda.driver;

import org.bytedeco.cuda.global.cudart;
import org.slmruntime.natives.CudaHost;
import org.slmruntime.natives.CudaProbe;

/** Loads the native bindings, and what they are linked with, into the process. */
final class BindingsLoader {
  private BindingsLoader() {}

  /**
   * @throws GpuException if they cannot be loaded, with the linker's words
   */
  static void load(CudaHost host) {
    JavaCppSettings.apply(host.libraries().folders());
    try {
      if (host.driver() instanceof CudaProbe.Found found) {
        loadDriver(found.library());
      }
      org.bytedeco.javacpp.Loader.load(cudart.class);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      GpuException failure =
          new GpuException("the CUDA bindings cannot be loaded: " + reason(e), 0);
      failure.initCause(e);
      throw failure;
    }
  }

  /**
   * The bindings ask the linker for the driver by name alone. Where it lies elsewhere, loading it
   * by its path first makes the linker know the name.
   */
  @SuppressWarnings("restricted") // It was loaded before, to probe.
  private static void loadDriver(String library) {
    if (library.startsWith("/")) {
      System.load(library);
    }
  }

  /** The linker's words: JavaCPP wraps them in a complaint about where it looked afterwards. */
  static String reason(LinkageError error) {
    Throwable first = error;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return first.getMessage();
  }
}
