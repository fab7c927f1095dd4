package org.slmruntime.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Waits after everything that is queued, so that a failure names the kernel or copy that failed.
 * What is recorded is kept here and run one by one instead of as a graph. Slow; for finding faults.
 */
public final class SynchronousDriver extends ForwardingDriver {
  private final Map<Long, List<Recorded>> graphs = new HashMap<>();
  private List<Recorded> recording;
  private long handles;

  public SynchronousDriver(GpuDriver driver) {
    super(driver);
  }

  private record Recorded(String name, Work work) {}

  /** Queues something. */
  @FunctionalInterface
  private interface Work {
    void queue(long stream);
  }

  private record NamedLaunch(
      long function,
      String name,
      Grid grid,
      int sharedBytes,
      KernelArguments arguments,
      Launch launch)
      implements Launch {}

  @Override
  public Launch prepare(
      long function, String name, Grid grid, int sharedBytes, KernelArguments arguments) {
    Launch launch = driver().prepare(function, name, grid, sharedBytes, arguments);
    return new NamedLaunch(function, name, grid, sharedBytes, arguments, launch);
  }

  @Override
  public void launch(Launch launch, long stream) {
    NamedLaunch named = (NamedLaunch) launch;
    // What is recorded keeps the arguments of now.
    Launch inner = recording == null ? named.launch : copy(named);
    run("kernel " + named.name + " with " + named.grid, s -> driver().launch(inner, s), stream);
  }

  private Launch copy(NamedLaunch launch) {
    KernelArguments arguments = launch.arguments.copy(Arena.ofAuto());
    return driver()
        .prepare(launch.function, launch.name, launch.grid, launch.sharedBytes, arguments);
  }

  @Override
  public void uploadAsync(long to, MemorySegment pinned, long bytes, long stream) {
    run("copy to the device", s -> driver().uploadAsync(to, pinned, bytes, s), stream);
  }

  @Override
  public void downloadAsync(MemorySegment pinned, long from, long bytes, long stream) {
    run("copy to the host", s -> driver().downloadAsync(pinned, from, bytes, s), stream);
  }

  @Override
  public void copyAsync(long to, long from, long bytes, long stream) {
    run("copy within the device", s -> driver().copyAsync(to, from, bytes, s), stream);
  }

  @Override
  public void fillAsync(long address, byte value, long bytes, long stream) {
    run("fill", s -> driver().fillAsync(address, value, bytes, s), stream);
  }

  /** The driver records as well, to find what must not be recorded. */
  @Override
  public void beginCapture(long stream) {
    driver().beginCapture(stream);
    recording = new ArrayList<>();
  }

  @Override
  public long endCapture(long stream) {
    List<Recorded> recorded = recording;
    recording = null;
    driver().destroyGraph(driver().endCapture(stream));
    graphs.put(++handles, recorded);
    return handles;
  }

  @Override
  public void launchGraph(long graph, long stream) {
    for (Recorded recorded : graphs.get(graph)) {
      runNow(recorded.name, recorded.work, stream);
    }
  }

  @Override
  public void destroyGraph(long graph) {
    graphs.remove(graph);
  }

  @Override
  public Gemm gemm() {
    Gemm gemm = driver().gemm();
    return new Gemm(gemm.library().map(SynchronousGemm::new), gemm.missing());
  }

  private void run(String name, Work work, long stream) {
    if (recording == null) {
      runNow(name, work, stream);
    } else {
      work.queue(stream);
      recording.add(new Recorded(name, work));
    }
  }

  private void runNow(String name, Work work, long stream) {
    try {
      work.queue(stream);
      driver().synchronize(stream);
    } catch (GpuException e) {
      GpuException named = new GpuException(name + " failed: " + e.getMessage(), e.code());
      named.initCause(e);
      throw named;
    }
  }

  private final class SynchronousGemm implements GemmLibrary {
    private final GemmLibrary library;

    SynchronousGemm(GemmLibrary library) {
      this.library = library;
    }

    @Override
    public void multiplyBf16(
        long w, long x, long y, int yStride, int rows, int columns, int tokens, long stream) {
      run(
          "product of bf16 matrices",
          s -> library.multiplyBf16(w, x, y, yStride, rows, columns, tokens, s),
          stream);
    }

    @Override
    public void multiplyF32(
        long w,
        int wStride,
        long x,
        long y,
        int yStride,
        int rows,
        int columns,
        int tokens,
        long stream) {
      run(
          "product of f32 matrices",
          s -> library.multiplyF32(w, wStride, x, y, yStride, rows, columns, tokens, s),
          stream);
    }
  }
}
