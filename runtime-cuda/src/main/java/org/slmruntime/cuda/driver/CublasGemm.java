package org.slmruntime.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.slmruntime.cuda.driver.GpuDriver.GemmLibrary;
import org.slmruntime.cuda.driver.NativePointers.Address;
import org.slmruntime.cuda.driver.NativePointers.Stream;

/**
 * Products by cuBLAS. cuBLAS is column-major: a row-major matrix is the transposed one to it, so it
 * is asked for {@code y' = (w')' x'}, which is what lies in memory as {@code y = x w'}.
 */
final class CublasGemm implements GemmLibrary {
  private static final int HOPPER = 90;
  private static final long LARGE_WORKSPACE = 32L << 20;
  private static final long SMALL_WORKSPACE = 4L << 20;

  private final cublasContext handle;
  private final long workspaceBytes;
  private final long workspace;

  /** Kept so that it stays reachable. */
  private final MemorySegment factors;

  private final Address one;
  private final Address zero;
  private final Stream current = new Stream();
  private final Address w = new Address();
  private final Address x = new Address();
  private final Address y = new Address();
  private boolean streamSet;

  private CublasGemm(JavaCppDriver driver, cublasContext handle) {
    this.handle = handle;
    boolean large = driver.info().computeCapability() >= HOPPER;
    this.workspaceBytes = large ? LARGE_WORKSPACE : SMALL_WORKSPACE;
    this.workspace = driver.allocate(workspaceBytes);
    this.factors = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, 1, 0);
    this.one = new Address().at(factors);
    this.zero = new Address().at(factors.asSlice(Float.BYTES));
  }

  /**
   * @throws GpuException if it refuses
   * @throws LinkageError if its files cannot be loaded
   */
  static CublasGemm open(JavaCppDriver driver) {
    cublasContext handle = new cublasContext();
    check("cublasCreate", cublas.cublasCreate_v2(handle));
    try {
      return new CublasGemm(driver, handle);
    } catch (GpuException e) {
      cublas.cublasDestroy_v2(handle);
      throw e;
    }
  }

  @Override
  public void multiplyBf16(
      long weights,
      long in,
      long out,
      int yStride,
      int rows,
      int columns,
      int tokens,
      long stream) {
    x.at(in);
    y.at(out);
    multiply(weights, cudart.CUDA_R_16BF, columns, columns, yStride, rows, columns, tokens, stream);
  }

  @Override
  public void multiplyF32(
      long weights,
      int wStride,
      long in,
      long out,
      int yStride,
      int rows,
      int columns,
      int tokens,
      long stream) {
    x.at(in);
    y.at(out);
    multiply(weights, cudart.CUDA_R_32F, wStride, columns, yStride, rows, columns, tokens, stream);
  }

  private void multiply(
      long weights,
      int type,
      int wStride,
      int xStride,
      int yStride,
      int rows,
      int columns,
      int tokens,
      long stream) {
    use(stream);
    int code =
        cublas.cublasGemmEx(
            handle,
            cublas.CUBLAS_OP_T,
            cublas.CUBLAS_OP_N,
            rows,
            tokens,
            columns,
            one,
            w.at(weights),
            type,
            wStride,
            x,
            type,
            xStride,
            zero,
            y,
            cudart.CUDA_R_32F,
            yStride,
            cublas.CUBLAS_COMPUTE_32F,
            cublas.CUBLAS_GEMM_DEFAULT);
    check("cublasGemmEx", code);
  }

  /** Setting a stream takes the workspace away, so it is set again. */
  private void use(long stream) {
    if (!streamSet || current.address() != stream) {
      check("cublasSetStream", cublas.cublasSetStream_v2(handle, current.at(stream)));
      check(
          "cublasSetWorkspace",
          cublas.cublasSetWorkspace_v2(handle, new Address().at(workspace), workspaceBytes));
      streamSet = true;
    }
  }

  private static void check(String call, int status) {
    if (status != cublas.CUBLAS_STATUS_SUCCESS) {
      // The codes are cuBLAS's own. If the context is lost, the driver's next call says so.
      BytePointer name = cublas.cublasGetStatusName(status);
      throw new GpuException(call + ": " + name.getString() + " (" + status + ")", 0);
    }
  }

  /**
   * Its workspace goes with the driver's memory.
   *
   * @param usable whether the context is not lost
   */
  void close(boolean usable) {
    if (usable) {
      cublas.cublasDestroy_v2(handle);
    }
  }
}
