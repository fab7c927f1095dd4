package org.slmruntime.cuda.driver;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.slmruntime.cuda.CudaBackendProvider;
import org.slmruntime.cuda.driver.GpuDriver.GemmLibrary;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.kernels.KernelSignature;
import org.slmruntime.kernels.KernelSignature.Argument;
import org.slmruntime.kernels.KernelSignature.Type;
import org.slmruntime.natives.CudaHost;

/** Run with stub libraries in a JVM of its own; prints lines "NAME: WHAT". */
final class StubProgram {
  /** The kernel of the stub: stores an int where a pointer points. */
  private static final KernelSignature SET_INT =
      new KernelSignature(
          "stub",
          "set_int",
          80,
          List.of(
              new Argument("to", Type.POINTER, false, 0),
              new Argument("value", Type.INT, false, 8)));

  private final Arena arena = Arena.ofAuto();
  private final GpuDriver driver;
  private final long memory;
  private final long stream;
  private final KernelArguments arguments = new KernelArguments(SET_INT, arena);
  private final Launch launch;

  private StubProgram(GpuDriver driver) {
    this.driver = driver;
    driver.makeCurrent();
    this.memory = driver.allocate(4 << 20);
    this.stream = driver.createStream();
    long module = driver.loadModule("stub", "PTX of stub".getBytes(StandardCharsets.UTF_8));
    arguments.set("to", memory);
    long function = driver.function(module, "set_int");
    this.launch = driver.prepare(function, "set_int", new Grid(2, 3, 4, 5, 6, 7), 1024, arguments);
  }

  public static void main(String[] args) {
    try {
      run(args[0]);
    } catch (GpuException e) {
      say("failed", e.getMessage() + (e.isSticky() ? " [sticky]" : ""));
    }
  }

  private static void run(String scenario) {
    if (scenario.equals("probe")) {
      say("probe", new CudaBackendProvider().probe());
      return;
    }
    GpuDriver opened = JavaCppDriver.open(CudaHost.probe(), 1);
    try (GpuDriver driver = scenario.equals("sync") ? new SynchronousDriver(opened) : opened) {
      StubProgram program = new StubProgram(driver);
      switch (scenario) {
        case "copies" -> program.copies();
        case "launches", "sync" -> program.launches();
        case "events" -> program.events();
        case "products" -> program.products();
        case "garbage" -> program.garbage();
        case "lost" -> program.lost();
        default -> throw new IllegalArgumentException(scenario);
      }
    }
  }

  private static void say(String name, Object what) {
    System.out.println(name + ": " + what);
  }

  private int stored() {
    int[] value = new int[1];
    driver.download(MemorySegment.ofArray(value), memory, 4);
    return value[0];
  }

  private void copies() {
    say("info", driver.info());
    say("free", driver.freeMemory());
    byte[] large = new byte[3_000_001];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i * 7 + i / 1000);
    }
    driver.upload(memory, MemorySegment.ofArray(large), large.length);
    byte[] back = new byte[large.length];
    driver.download(MemorySegment.ofArray(back), memory, back.length);
    say("heap", Arrays.equals(large, back));
    MemorySegment pinned = driver.allocatePinned(64);
    pinned.setAtIndex(ValueLayout.JAVA_LONG, 3, 42);
    driver.uploadAsync(memory, pinned, 64, stream);
    driver.copyAsync(memory + 64, memory, 64, stream);
    driver.fillAsync(memory, (byte) 5, 64, stream);
    MemorySegment result = driver.allocatePinned(128);
    driver.downloadAsync(result, memory, 128, stream);
    driver.synchronize(stream);
    say("filled", result.get(ValueLayout.JAVA_BYTE, 63));
    say("copied", result.getAtIndex(ValueLayout.JAVA_LONG, 8 + 3));
    driver.freePinned(pinned);
    try {
      pinned.get(ValueLayout.JAVA_BYTE, 0);
    } catch (IllegalStateException _) {
      say("freed", "unreadable");
    }
    driver.free(driver.allocate(100));
  }

  private void launches() {
    driver.launch(launch, stream);
    driver.synchronize(stream);
    arguments.set("value", 17);
    driver.launch(launch, stream);
    driver.synchronize(stream);
    say("launched", stored());
    arguments.set("value", 18);
    driver.beginCapture(stream);
    driver.launch(launch, stream);
    long graph = driver.endCapture(stream);
    arguments.set("value", 19);
    say("recorded", stored());
    driver.launchGraph(graph, stream);
    driver.synchronize(stream);
    say("replayed", stored());
    driver.launch(launch, stream);
    driver.synchronize(stream);
    say("launched again", stored());
  }

  private void events() {
    long start = driver.createEvent();
    long end = driver.createEvent();
    driver.recordEvent(start, stream);
    driver.waitEvent(stream, start);
    driver.recordEvent(end, stream);
    driver.synchronizeEvent(end);
    say("millis", driver.elapsedMillis(start, end));
    driver.destroyEvent(start);
  }

  private void products() {
    say("missing", driver.gemm().missing());
    if (driver.gemm().library().isEmpty()) {
      return;
    }
    GemmLibrary library = driver.gemm().library().get();
    long other = driver.createStream();
    // w is [2][3], x is [2][3]; y's rows have room for 4.
    long w = put(1, 2, 3, -1, 0.5f, 4);
    long x = put(1, 1, 1, 2, 0, -1);
    long y = driver.allocate(64);
    library.multiplyF32(w, 3, x, y, 4, 2, 3, 2, stream);
    say("f32", Arrays.toString(get(y)));
    library.multiplyF32(w, 1, x, y, 4, 2, 1, 2, other);
    say("strided", Arrays.toString(get(y)));
    library.multiplyBf16(bf16(w), bf16(x), y, 4, 2, 3, 2, other);
    say("bf16", Arrays.toString(get(y)));
  }

  private long put(float... values) {
    long address = driver.allocate(256);
    driver.upload(address, MemorySegment.ofArray(values), 4L * values.length);
    return address;
  }

  private float[] get(long address) {
    float[] values = new float[6];
    driver.download(MemorySegment.ofArray(values), address, 24);
    values[2] = 0; // What lies between the rows is not written.
    values[3] = 0;
    return values;
  }

  /** The six numbers, all exact in bf16, as bf16. */
  private long bf16(long floats) {
    float[] values = new float[6];
    driver.download(MemorySegment.ofArray(values), floats, 24);
    short[] halves = new short[6];
    for (int i = 0; i < 6; i++) {
      halves[i] = (short) (Float.floatToRawIntBits(values[i]) >>> 16);
    }
    long address = driver.allocate(256);
    driver.upload(address, MemorySegment.ofArray(halves), 12);
    return address;
  }

  /** Says how many bytes of garbage steps make once they are warm. */
  private void garbage() {
    MemorySegment pinned = driver.allocatePinned(64);
    long event = driver.createEvent();
    driver.beginCapture(stream);
    driver.launch(launch, stream);
    long graph = driver.endCapture(stream);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    steps(pinned, event, graph);
    long before = threads.getCurrentThreadAllocatedBytes();
    steps(pinned, event, graph);
    say("garbage", threads.getCurrentThreadAllocatedBytes() - before);
  }

  private void steps(MemorySegment pinned, long event, long graph) {
    for (int i = 0; i < 200; i++) {
      driver.uploadAsync(memory, pinned, 64, stream);
      arguments.set("value", i);
      driver.launch(launch, stream);
      driver.launchGraph(graph, stream);
      driver.copyAsync(memory, memory + 256, 64, stream);
      driver.fillAsync(memory, (byte) 0, 64, stream);
      driver.downloadAsync(pinned, memory, 64, stream);
      driver.recordEvent(event, stream);
      driver.waitEvent(stream, event);
      driver.synchronizeEvent(event);
      driver.synchronize(stream);
    }
  }

  /** Uses a device whose context is lost at the first wait. */
  private void lost() {
    MemorySegment pinned = driver.allocatePinned(64);
    driver.launch(launch, stream);
    attempt("wait", () -> driver.synchronize(stream));
    attempt("allocate", () -> driver.allocate(100));
    attempt("launch", () -> driver.launch(launch, stream));
    attempt("free", () -> driver.free(memory));
    attempt("free pinned", () -> driver.freePinned(pinned));
    attempt("destroy stream", () -> driver.destroyStream(stream));
  }

  private static void attempt(String name, Runnable action) {
    try {
      action.run();
      say(name, "done");
    } catch (GpuException e) {
      say(name, e.getMessage() + (e.isSticky() ? " [sticky]" : ""));
    }
  }
}
