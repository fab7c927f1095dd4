package org.slmruntime.cuda.driver;

import java.util.Optional;
import org.slmruntime.cuda.driver.GpuDriver.Gemm;
import org.slmruntime.natives.CudaHost;

/**
 * Opens cuBLAS when it is first asked for. Its classes are touched only if its files were found,
 * and failing to load them costs nothing but speed.
 */
final class CublasLoader {
  private final CudaHost host;
  private final JavaCppDriver driver;
  private Gemm answer;
  private CublasGemm opened;

  CublasLoader(CudaHost host, JavaCppDriver driver) {
    this.host = host;
    this.driver = driver;
  }

  /** What was found the first time, for which the context must be current. */
  Gemm get() {
    if (answer == null) {
      answer =
          host.blasProblem()
              .map(problem -> new Gemm(Optional.empty(), problem))
              .orElseGet(this::open);
    }
    return answer;
  }

  private Gemm open() {
    try {
      opened = CublasGemm.open(driver);
      return new Gemm(Optional.of(opened), null);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      return new Gemm(Optional.empty(), "cuBLAS cannot be loaded: " + BindingsLoader.reason(e));
    } catch (GpuException e) {
      return new Gemm(Optional.empty(), "cuBLAS cannot be used: " + e.getMessage());
    }
  }

  void close(boolean usable) {
    if (opened != null) {
      opened.close(usable);
    }
  }
}
