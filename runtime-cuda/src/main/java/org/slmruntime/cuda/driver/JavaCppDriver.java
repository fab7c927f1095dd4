package org.slmruntime.cuda.driver;

import java.lang.foreign.MemorySegment;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.PointerPointer;
import org.slmruntime.cuda.driver.NativePointers.Function;
import org.slmruntime.cuda.driver.NativePointers.Module;
import org.slmruntime.cuda.driver.NativePointers.Table;
import org.slmruntime.cuda.driver.OwnedHandles.Kind;
import org.slmruntime.natives.CudaHost;

/**
 * NVIDIA's driver, called through JavaCPP's bindings; of the CUDA runtime library, which they are
 * linked with, nothing is called. Launching, copying and launching graphs allocate nothing.
 */
public final class JavaCppDriver implements GpuDriver {
  /** Up to here a kernel may use dynamic shared memory without asking. */
  private static final int SHARED_BYTES = 48 << 10;

  private final DriverStatus status;
  private final GpuInfo info;
  private final PrimaryContext context;
  private final DeviceMemory memory;
  private final Streams streams;
  private final ModuleLoader loader;
  private final OwnedHandles owned = new OwnedHandles();
  private final PinnedBuffers pinned = new PinnedBuffers();
  private final HeapCopies heap = new HeapCopies();
  private final CublasLoader cublas;
  private boolean closed;

  private JavaCppDriver(DriverStatus status, int ordinal, CudaHost host) {
    this.status = status;
    status.check("cuInit", cudart.cuInit(0));
    this.info = DeviceQueries.info(status, ordinal);
    this.memory = new DeviceMemory(status);
    this.streams = new Streams(status, info.driverVersion());
    this.loader = new ModuleLoader(status);
    this.cublas = new CublasLoader(host, this);
    this.context = new PrimaryContext(status, DeviceQueries.device(status, ordinal));
  }

  /**
   * Opens a device.
   *
   * @param host what was found on this machine; its driver and runtime library must be there
   * @param ordinal index of the device
   * @throws GpuException if the bindings cannot be loaded or the driver refuses, with the reason
   */
  public static GpuDriver open(CudaHost host, int ordinal) {
    BindingsLoader.load(host);
    return new JavaCppDriver(new DriverStatus(DeviceQueries::errorName), ordinal, host);
  }

  @Override
  public GpuInfo info() {
    return info;
  }

  @Override
  public void makeCurrent() {
    if (!status.isLost()) {
      ready();
      context.makeCurrent();
    }
  }

  @Override
  public long freeMemory() {
    ready();
    return DeviceQueries.freeMemory(status);
  }

  @Override
  public long allocate(long bytes) {
    ready();
    return owned.add(Kind.MEMORY, memory.allocate(bytes));
  }

  @Override
  public void free(long address) {
    if (takesBack(Kind.MEMORY, address)) {
      memory.free(address);
    }
  }

  @Override
  public MemorySegment allocatePinned(long bytes) {
    ready();
    return pinned.add(memory.allocatePinned(bytes), bytes);
  }

  @Override
  public void freePinned(MemorySegment segment) {
    if (closed) {
      return;
    }
    long address = pinned.remove(segment);
    if (!status.isLost()) {
      memory.freePinned(address);
    }
  }

  @Override
  public void upload(long to, MemorySegment from, long bytes) {
    ready();
    if (from.isNative()) {
      memory.upload(to, from, bytes);
    } else {
      heap.upload(to, from, bytes, memory::upload);
    }
  }

  @Override
  public void download(MemorySegment to, long from, long bytes) {
    ready();
    if (to.isNative()) {
      memory.download(from, to, bytes);
    } else {
      heap.download(to, from, bytes, memory::download);
    }
  }

  @Override
  public void uploadAsync(long to, MemorySegment from, long bytes, long stream) {
    ready();
    memory.uploadAsync(to, from, bytes, streams.stream(stream));
  }

  @Override
  public void downloadAsync(MemorySegment to, long from, long bytes, long stream) {
    ready();
    memory.downloadAsync(to, from, bytes, streams.stream(stream));
  }

  @Override
  public void copyAsync(long to, long from, long bytes, long stream) {
    ready();
    memory.copyAsync(to, from, bytes, streams.stream(stream));
  }

  @Override
  public void fillAsync(long address, byte value, long bytes, long stream) {
    ready();
    memory.fillAsync(address, value, bytes, streams.stream(stream));
  }

  @Override
  public long createStream() {
    ready();
    return owned.add(Kind.STREAM, streams.create());
  }

  @Override
  public void destroyStream(long stream) {
    if (takesBack(Kind.STREAM, stream)) {
      streams.destroy(stream);
    }
  }

  @Override
  public void synchronize(long stream) {
    ready();
    streams.synchronize(stream);
  }

  @Override
  public long createEvent() {
    ready();
    return owned.add(Kind.EVENT, streams.createEvent());
  }

  @Override
  public void destroyEvent(long event) {
    if (takesBack(Kind.EVENT, event)) {
      streams.destroyEvent(event);
    }
  }

  @Override
  public void recordEvent(long event, long stream) {
    ready();
    streams.record(event, stream);
  }

  @Override
  public void waitEvent(long stream, long event) {
    ready();
    streams.waitFor(stream, event);
  }

  @Override
  public void synchronizeEvent(long event) {
    ready();
    streams.synchronizeEvent(event);
  }

  @Override
  public float elapsedMillis(long start, long end) {
    ready();
    return streams.elapsedMillis(start, end);
  }

  @Override
  public long loadModule(String name, byte[] ptx) {
    ready();
    return owned.add(Kind.MODULE, loader.load(name, ptx));
  }

  @Override
  public void unloadModule(long module) {
    if (takesBack(Kind.MODULE, module)) {
      unload(module);
    }
  }

  @Override
  public long function(long module, String entry) {
    ready();
    return loader.function(module, entry);
  }

  @Override
  public Launch prepare(
      long function, String name, Grid grid, int sharedBytes, KernelArguments arguments) {
    ready();
    Function of = new Function().at(function);
    if (sharedBytes > SHARED_BYTES) {
      int attribute = cudart.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
      status.check("cuFuncSetAttribute", cudart.cuFuncSetAttribute(of, attribute, sharedBytes));
    }
    Table table = new Table(arguments.addresses());
    return new PreparedLaunch(name, of, grid, sharedBytes, table, arguments);
  }

  @Override
  public void launch(Launch launch, long stream) {
    ready();
    PreparedLaunch p = (PreparedLaunch) launch;
    Grid g = p.grid();
    int code =
        cudart.cuLaunchKernel(
            p.function(),
            g.x(),
            g.y(),
            g.z(),
            g.blockX(),
            g.blockY(),
            g.blockZ(),
            p.sharedBytes(),
            streams.stream(stream),
            p.table(),
            (PointerPointer<?>) null);
    if (code != 0) {
      throw status.failure("cuLaunchKernel", "kernel " + p.name() + " with " + g, code);
    }
  }

  @Override
  public void beginCapture(long stream) {
    ready();
    streams.beginCapture(stream);
  }

  @Override
  public long endCapture(long stream) {
    ready();
    return owned.add(Kind.GRAPH, streams.endCapture(stream));
  }

  @Override
  public void launchGraph(long graph, long stream) {
    ready();
    streams.launchGraph(graph, stream);
  }

  @Override
  public void destroyGraph(long graph) {
    if (takesBack(Kind.GRAPH, graph)) {
      streams.destroyGraph(graph);
    }
  }

  @Override
  public Gemm gemm() {
    return cublas.get();
  }

  /** May be called by any thread while no other uses the driver, and again. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    boolean usable = context.drain();
    cublas.close(usable);
    giveBackAll(usable);
    context.release();
  }

  /** Of a lost context nothing can be given back: all goes with it. */
  private void giveBackAll(boolean usable) {
    owned.drain(Kind.GRAPH, handle -> attempt(usable, () -> streams.destroyGraph(handle)));
    owned.drain(Kind.EVENT, handle -> attempt(usable, () -> streams.destroyEvent(handle)));
    owned.drain(Kind.STREAM, handle -> attempt(usable, () -> streams.destroy(handle)));
    owned.drain(Kind.MODULE, handle -> attempt(usable, () -> unload(handle)));
    owned.drain(Kind.MEMORY, handle -> attempt(usable, () -> memory.free(handle)));
    pinned.drain(address -> attempt(usable, () -> memory.freePinned(address)));
  }

  /** One failure must not keep the rest from being given back. */
  private static void attempt(boolean usable, Runnable giveBack) {
    if (usable) {
      try {
        giveBack.run();
      } catch (GpuException _) {
        // Releasing the context frees it as well.
      }
    }
  }

  private void unload(long module) {
    status.check("cuModuleUnload", cudart.cuModuleUnload(new Module().at(module)));
  }

  private void ready() {
    if (closed) {
      throw new GpuException("the GPU driver is closed", 0);
    }
    status.ready();
  }

  private boolean takesBack(Kind kind, long handle) {
    if (closed) {
      return false;
    }
    owned.remove(kind, handle);
    return !status.isLost();
  }
}
