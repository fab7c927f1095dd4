package org.slmruntime.cuda;

import org.slmruntime.backend.spi.BackendException;

/**
 * How the backend works; what most users leave alone.
 *
 * @param headroomBytes device memory that plans leave free: for the driver's own needs, compiled
 *     modules and cuBLAS
 * @param libraryTokens least tokens of a step whose matrix products go to cuBLAS, where it was
 *     found; their inputs and weights are rounded to bfloat16 then. {@link Integer#MAX_VALUE}
 *     computes all products with our own kernels, which round inputs to 16 bits per 32 columns
 * @param recorded whether decode steps are recorded as CUDA graphs
 */
public record CudaSettings(long headroomBytes, int libraryTokens, boolean recorded) {
  private static final long HEADROOM = 400L << 20;
  private static final int LIBRARY_TOKENS = 64;

  /** A GEMV is never left to cuBLAS. */
  private static final int LEAST_LIBRARY_TOKENS = 9;

  public CudaSettings {
    if (headroomBytes < 0) {
      throw new BackendException("headroomBytes must not be negative but is " + headroomBytes);
    }
    if (libraryTokens < LEAST_LIBRARY_TOKENS) {
      throw new BackendException(
          "libraryTokens must be at least " + LEAST_LIBRARY_TOKENS + " but is " + libraryTokens);
    }
  }

  public static CudaSettings defaults() {
    return new CudaSettings(HEADROOM, LIBRARY_TOKENS, true);
  }

  public CudaSettings withHeadroom(long bytes) {
    return new CudaSettings(bytes, libraryTokens, recorded);
  }

  public CudaSettings withLibraryTokens(int tokens) {
    return new CudaSettings(headroomBytes, tokens, recorded);
  }

  public CudaSettings withoutLibrary() {
    return withLibraryTokens(Integer.MAX_VALUE);
  }

  /** Every step is launched kernel by kernel. */
  public CudaSettings withoutGraphs() {
    return new CudaSettings(headroomBytes, libraryTokens, false);
  }
}
