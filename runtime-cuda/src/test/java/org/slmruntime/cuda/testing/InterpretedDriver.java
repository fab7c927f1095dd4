package org.slmruntime.cuda.testing;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.driver.GpuInfo;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.ptx.GlobalMemory;
import org.slmruntime.ptx.PtxEntry;
import org.slmruntime.ptx.PtxException;
import org.slmruntime.ptx.PtxMachine;
import org.slmruntime.ptx.PtxModule;

/**
 * A GPU that interprets PTX. It is as lazy as a GPU may be: what is queued runs at a time that the
 * seed chooses, so that reusing a buffer or reading a result too early shows. What a kernel does
 * wrong is a {@link PtxException}, whatever call it surfaces in.
 */
public final class InterpretedDriver implements GpuDriver {
  private static final int OUT_OF_MEMORY = 2;
  private static final int INVALID_PTX = 218;
  private static final int INVALID_HANDLE = 400;
  private static final int NOT_FOUND = 500;

  private final DeviceOptions options;
  private final GlobalMemory memory;
  private final Timeline timeline;
  private final PinnedMemory pinned;
  private final LaunchLog log = new LaunchLog();
  private final InjectedFaults faults = new InjectedFaults();
  private final DeviceState state = new DeviceState();
  private final KernelRunner runner;
  private final Map<Long, PtxModule> modules = new HashMap<>();
  private final Map<Long, PtxEntry> functions = new HashMap<>();
  private final Map<Long, List<Work>> graphs = new HashMap<>();
  private long handles = 1_000_000;

  public InterpretedDriver(DeviceOptions options) {
    this.options = options;
    this.memory = new GlobalMemory(options.memoryBytes());
    this.timeline = new Timeline(options.seed());
    this.pinned = new PinnedMemory(options.seed());
    PtxMachine machine = new PtxMachine(memory, options.ptx());
    this.runner = new KernelRunner(memory, machine, log, this::countKernel);
  }

  /** What ran. */
  public LaunchLog log() {
    return log;
  }

  /** The device's memory, to look into. */
  public GlobalMemory memory() {
    return memory;
  }

  /** The nth allocation from now on (1 is the next) finds no memory. */
  public void failAllocation(int nth) {
    faults.failAllocation(nth);
  }

  /** The nth kernel to run from now on (1 is the next) takes the device down with code 700. */
  public void failKernel(int nth) {
    faults.failKernel(nth);
  }

  /** Whether everything that was allocated, created or loaded was given back; if not, a leak. */
  public boolean isEmpty() {
    return memory.allocated() == 0
        && pinned.count() == 0
        && modules.isEmpty()
        && graphs.isEmpty()
        && timeline.isEmpty();
  }

  /** Whether {@link #close()} was called. */
  public boolean isClosed() {
    return state.isClosed();
  }

  @Override
  public GpuInfo info() {
    return new GpuInfo(
        0,
        "interpreter",
        13000,
        options.computeCapability(),
        options.multiprocessors(),
        options.memoryBytes());
  }

  @Override
  public void makeCurrent() {
    state.makeCurrent();
  }

  @Override
  public long freeMemory() {
    state.require("cuMemGetInfo");
    return memory.capacity() - memory.allocated();
  }

  @Override
  public long allocate(long bytes) {
    state.requireNoCapture("cuMemAlloc");
    if (bytes <= 0) {
      throw new GpuException("cuMemAlloc: cannot allocate " + bytes + " bytes", 1);
    }
    if (faults.allocationFails() || bytes > memory.capacity() - memory.allocated()) {
      throw new GpuException("cuMemAlloc: no " + bytes + " bytes are free", OUT_OF_MEMORY);
    }
    return memory.allocate(bytes);
  }

  @Override
  public void free(long address) {
    if (state.requireToGiveBack("cuMemFree")) {
      memory.free(address);
    }
  }

  @Override
  public MemorySegment allocatePinned(long bytes) {
    state.requireNoCapture("cuMemAllocHost");
    if (faults.allocationFails()) {
      throw new GpuException("cuMemAllocHost: no " + bytes + " bytes are free", OUT_OF_MEMORY);
    }
    return pinned.allocate(bytes);
  }

  @Override
  public void freePinned(MemorySegment segment) {
    if (state.requireToGiveBack("cuMemFreeHost")) {
      pinned.free(segment);
    }
  }

  @Override
  public void upload(long to, MemorySegment from, long bytes) {
    state.requireNoCapture("cuMemcpyHtoD");
    memory.write(to, from, bytes);
  }

  @Override
  public void download(MemorySegment to, long from, long bytes) {
    state.requireNoCapture("cuMemcpyDtoH");
    memory.read(from, to, bytes);
  }

  @Override
  public void uploadAsync(long to, MemorySegment from, long bytes, long stream) {
    pinned.check(from, bytes);
    queue(stream, () -> memory.write(to, from, bytes));
  }

  @Override
  public void downloadAsync(MemorySegment to, long from, long bytes, long stream) {
    pinned.check(to, bytes);
    queue(stream, () -> memory.read(from, to, bytes));
  }

  @Override
  public void copyAsync(long to, long from, long bytes, long stream) {
    queue(stream, () -> memory.copy(to, from, bytes));
  }

  @Override
  public void fillAsync(long address, byte value, long bytes, long stream) {
    queue(stream, () -> memory.fill(address, value, bytes));
  }

  @Override
  public long createStream() {
    state.requireNoCapture("cuStreamCreate");
    return timeline.createStream();
  }

  @Override
  public void destroyStream(long stream) {
    if (state.requireToGiveBack("cuStreamDestroy")) {
      timeline.destroyStream(stream);
    }
  }

  @Override
  public void synchronize(long stream) {
    state.requireNoCapture("cuStreamSynchronize");
    timeline.synchronize(stream);
  }

  @Override
  public long createEvent() {
    state.requireNoCapture("cuEventCreate");
    return timeline.createEvent();
  }

  @Override
  public void destroyEvent(long event) {
    if (state.requireToGiveBack("cuEventDestroy")) {
      timeline.destroyEvent(event);
    }
  }

  @Override
  public void recordEvent(long event, long stream) {
    state.requireNoCapture("cuEventRecord");
    timeline.record(event, stream);
  }

  @Override
  public void waitEvent(long stream, long event) {
    state.requireNoCapture("cuStreamWaitEvent");
    timeline.await(stream, event);
  }

  @Override
  public void synchronizeEvent(long event) {
    state.requireNoCapture("cuEventSynchronize");
    timeline.synchronizeEvent(event);
  }

  @Override
  public float elapsedMillis(long start, long end) {
    state.requireNoCapture("cuEventElapsedTime");
    return timeline.elapsedMillis(start, end);
  }

  @Override
  public long loadModule(String name, byte[] ptx) {
    state.requireNoCapture("cuModuleLoadDataEx");
    try {
      modules.put(++handles, ParsedModules.get(name, new String(ptx, StandardCharsets.UTF_8)));
      return handles;
    } catch (PtxException e) {
      throw new GpuException(
          "cuModuleLoadDataEx: module " + name + ": " + e.getMessage(), INVALID_PTX);
    }
  }

  @Override
  public void unloadModule(long module) {
    if (state.requireToGiveBack("cuModuleUnload")) {
      known(modules, module, "module");
      modules.remove(module);
    }
  }

  @Override
  public long function(long module, String entry) {
    state.requireNoCapture("cuModuleGetFunction");
    PtxModule of = known(modules, module, "module");
    if (!of.entries().contains(entry)) {
      throw new GpuException("cuModuleGetFunction: there is no " + entry, NOT_FOUND);
    }
    functions.put(++handles, of.entry(entry));
    return handles;
  }

  @Override
  public Launch prepare(
      long function, String name, Grid grid, int sharedBytes, KernelArguments arguments) {
    PtxEntry entry = known(functions, function, "function");
    LaunchChecks.checkSignature(entry, arguments.signature());
    LaunchChecks.checkGrid(name, grid, entry, sharedBytes);
    return new KernelRunner.Prepared(name, entry, grid, sharedBytes, arguments);
  }

  @Override
  public void launch(Launch launch, long stream) {
    queue(stream, runner.work((KernelRunner.Prepared) launch));
  }

  @Override
  public void beginCapture(long stream) {
    state.requireNoCapture("cuStreamBeginCapture");
    timeline.checkStream(stream);
    state.beginCapture(stream);
  }

  @Override
  public long endCapture(long stream) {
    List<Work> recorded = state.endCapture(stream);
    graphs.put(++handles, recorded);
    return handles;
  }

  @Override
  public void launchGraph(long graph, long stream) {
    state.requireNoCapture("cuGraphLaunch");
    List<Work> recorded = known(graphs, graph, "graph");
    recorded.forEach(Work::checkPointers);
    log.graphLaunched();
    recorded.forEach(work -> timeline.add(stream, work));
  }

  @Override
  public void destroyGraph(long graph) {
    if (state.requireToGiveBack("cuGraphExecDestroy")) {
      known(graphs, graph, "graph");
      graphs.remove(graph);
    }
  }

  @Override
  public Gemm gemm() {
    return options.gemm()
        ? new Gemm(Optional.of(new JavaGemm(memory, this::queue)), null)
        : new Gemm(Optional.empty(), "the test wants none");
  }

  @Override
  public void close() {
    state.close();
    timeline.abandon();
    pinned.freeAll();
  }

  private void queue(long stream, Work work) {
    if (state.isCapturing(stream)) {
      work.checkPointers();
      state.record(work);
      return;
    }
    state.requireNoCapture("queueing on a stream that is not recorded");
    work.checkPointers();
    timeline.add(stream, work);
  }

  /** Called before each kernel runs. */
  private void countKernel() {
    if (faults.kernelFails()) {
      timeline.abandon();
      throw state.lose();
    }
  }

  private static <T> T known(Map<Long, T> all, long handle, String kind) {
    T found = all.get(handle);
    if (found == null) {
      throw new GpuException("there is no " + kind + " " + handle, INVALID_HANDLE);
    }
    return found;
  }
}
