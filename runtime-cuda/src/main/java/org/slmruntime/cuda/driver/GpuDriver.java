package org.slmruntime.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * One opened GPU with its primary context. Handles are opaque numbers, device memory is addresses.
 * Every return code is checked: methods throw {@link GpuException} with the call, the code and its
 * meaning. Used by one thread at a time, which calls {@link #makeCurrent()} first.
 *
 * <p>Failures of queued work surface in a later call. Once the context is lost ({@link
 * GpuException#isSticky()}), methods that give something back ({@code free}, {@code destroy},
 * {@code unload}) do nothing, so that closing needs no special case, and all others fail.
 */
public interface GpuDriver extends AutoCloseable {
  /** What the device is. */
  GpuInfo info();

  /** Makes the context current on the calling thread; does nothing once it is lost. */
  void makeCurrent();

  /** Bytes of device memory not taken by anyone. */
  long freeMemory();

  /** Device memory, aligned to 256 bytes, not initialised. */
  long allocate(long bytes);

  void free(long address);

  /** Page-locked host memory, for copies that run beside the host. */
  MemorySegment allocatePinned(long bytes);

  void freePinned(MemorySegment pinned);

  /**
   * Copies and waits, for this copy only: work queued on a stream before may still run. {@code
   * from} is any native or heap segment.
   */
  void upload(long to, MemorySegment from, long bytes);

  /** Copies and waits, for this copy only: {@link #synchronize} with who writes it first. */
  void download(MemorySegment to, long from, long bytes);

  /** Queues a copy from pinned memory, which must not change until it is done. */
  void uploadAsync(long to, MemorySegment pinned, long bytes, long stream);

  void downloadAsync(MemorySegment pinned, long from, long bytes, long stream);

  void copyAsync(long to, long from, long bytes, long stream);

  void fillAsync(long address, byte value, long bytes, long stream);

  /** A stream that does not wait for the default stream. */
  long createStream();

  void destroyStream(long stream);

  void synchronize(long stream);

  long createEvent();

  void destroyEvent(long event);

  void recordEvent(long event, long stream);

  void waitEvent(long stream, long event);

  void synchronizeEvent(long event);

  /** Milliseconds between two recorded events that are done; NaN with drivers before CUDA 12.8. */
  float elapsedMillis(long start, long end);

  /**
   * Loads a module from PTX.
   *
   * @param name for messages
   * @throws GpuException with the compiler's log if the driver refuses it
   */
  long loadModule(String name, byte[] ptx);

  void unloadModule(long module);

  long function(long module, String entry);

  /**
   * Prepares a launch. The argument block is read during {@link #launch}, so that values may be
   * changed between launches; it must outlive them. A graph keeps the values that were there when
   * the launch was captured, whatever is set later.
   */
  Launch prepare(long function, String name, Grid grid, int sharedBytes, KernelArguments arguments);

  /** Queues a prepared launch. Allocates nothing. */
  void launch(Launch launch, long stream);

  /**
   * Starts recording what is queued on the stream instead of running it. Until {@link #endCapture}
   * the thread may queue launches, asynchronous copies, fills and products on this stream, and
   * nothing else: whatever allocates, frees, loads or waits fails and spoils the recording.
   */
  void beginCapture(long stream);

  /**
   * Ends recording and makes the graph ready to run. To be called even after a failure.
   *
   * @throws GpuException if the recording was spoiled; the stream is usable again
   */
  long endCapture(long stream);

  void launchGraph(long graph, long stream);

  void destroyGraph(long graph);

  /** cuBLAS, or why there is none. The first call needs the context and may take a second. */
  Gemm gemm();

  /** Frees the context. The driver cannot be used any more. */
  @Override
  void close();

  /** A launch bound to its function, grid and arguments; immutable except for the arguments. */
  interface Launch {
    String name();
  }

  /**
   * Matrix products by a library.
   *
   * @param library null where it is missing
   * @param missing why it is missing, for a notice
   */
  record Gemm(Optional<GemmLibrary> library, String missing) {}

  /**
   * Products with float32 accumulation, as cublasGemmEx computes them. They share a workspace, so
   * what is queued on one stream must be done before another is used.
   */
  interface GemmLibrary {
    /**
     * {@code y[token][row] = sum over k of w[row][k] * x[token][k]}, all row-major without gaps
     * except y's stride; w and x bf16, y float32.
     */
    void multiplyBf16(
        long w, long x, long y, int yStride, int rows, int columns, int tokens, long stream);

    /** The same in float32 throughout, without TF32; w's rows have {@code wStride} elements. */
    void multiplyF32(
        long w,
        int wStride,
        long x,
        long y,
        int yStride,
        int rows,
        int columns,
        int tokens,
        long stream);
  }
}
