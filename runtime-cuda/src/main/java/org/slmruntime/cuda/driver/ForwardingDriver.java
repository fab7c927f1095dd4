package org.slmruntime.cuda.driver;

import java.lang.foreign.MemorySegment;

/** Passes every call on to another driver; for those that change some of them. */
public abstract class ForwardingDriver implements GpuDriver {
  private final GpuDriver driver;

  protected ForwardingDriver(GpuDriver driver) {
    this.driver = driver;
  }

  protected final GpuDriver driver() {
    return driver;
  }

  @Override
  public GpuInfo info() {
    return driver.info();
  }

  @Override
  public void makeCurrent() {
    driver.makeCurrent();
  }

  @Override
  public long freeMemory() {
    return driver.freeMemory();
  }

  @Override
  public long allocate(long bytes) {
    return driver.allocate(bytes);
  }

  @Override
  public void free(long address) {
    driver.free(address);
  }

  @Override
  public MemorySegment allocatePinned(long bytes) {
    return driver.allocatePinned(bytes);
  }

  @Override
  public void freePinned(MemorySegment pinned) {
    driver.freePinned(pinned);
  }

  @Override
  public void upload(long to, MemorySegment from, long bytes) {
    driver.upload(to, from, bytes);
  }

  @Override
  public void download(MemorySegment to, long from, long bytes) {
    driver.download(to, from, bytes);
  }

  @Override
  public void uploadAsync(long to, MemorySegment pinned, long bytes, long stream) {
    driver.uploadAsync(to, pinned, bytes, stream);
  }

  @Override
  public void downloadAsync(MemorySegment pinned, long from, long bytes, long stream) {
    driver.downloadAsync(pinned, from, bytes, stream);
  }

  @Override
  public void copyAsync(long to, long from, long bytes, long stream) {
    driver.copyAsync(to, from, bytes, stream);
  }

  @Override
  public void fillAsync(long address, byte value, long bytes, long stream) {
    driver.fillAsync(address, value, bytes, stream);
  }

  @Override
  public long createStream() {
    return driver.createStream();
  }

  @Override
  public void destroyStream(long stream) {
    driver.destroyStream(stream);
  }

  @Override
  public void synchronize(long stream) {
    driver.synchronize(stream);
  }

  @Override
  public long createEvent() {
    return driver.createEvent();
  }

  @Override
  public void destroyEvent(long event) {
    driver.destroyEvent(event);
  }

  @Override
  public void recordEvent(long event, long stream) {
    driver.recordEvent(event, stream);
  }

  @Override
  public void waitEvent(long stream, long event) {
    driver.waitEvent(stream, event);
  }

  @Override
  public void synchronizeEvent(long event) {
    driver.synchronizeEvent(event);
  }

  @Override
  public float elapsedMillis(long start, long end) {
    return driver.elapsedMillis(start, end);
  }

  @Override
  public long loadModule(String name, byte[] ptx) {
    return driver.loadModule(name, ptx);
  }

  @Override
  public void unloadModule(long module) {
    driver.unloadModule(module);
  }

  @Override
  public long function(long module, String entry) {
    return driver.function(module, entry);
  }

  @Override
  public Launch prepare(
      long function, String name, Grid grid, int sharedBytes, KernelArguments arguments) {
    return driver.prepare(function, name, grid, sharedBytes, arguments);
  }

  @Override
  public void launch(Launch launch, long stream) {
    driver.launch(launch, stream);
  }

  @Override
  public void beginCapture(long stream) {
    driver.beginCapture(stream);
  }

  @Override
  public long endCapture(long stream) {
    return driver.endCapture(stream);
  }

  @Override
  public void launchGraph(long graph, long stream) {
    driver.launchGraph(graph, stream);
  }

  @Override
  public void destroyGraph(long graph) {
    driver.destroyGraph(graph);
  }

  @Override
  public Gemm gemm() {
    return driver.gemm();
  }

  @Override
  public void close() {
    driver.close();
  }
}
