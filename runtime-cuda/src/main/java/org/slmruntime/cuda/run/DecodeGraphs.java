package org.slmruntime.cuda.run;

import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuException;

/**
 * Recorded decode steps, one per class of steps. The first step of a class runs eagerly: drivers
 * may load a kernel's code when it is first launched, which must not happen during a recording.
 */
final class DecodeGraphs implements AutoCloseable {
  private static final int OUT_OF_MEMORY = 2;
  private static final int CAPTURE_FIRST = 900;
  private static final int CAPTURE_LAST = 908;

  private final GpuDriver driver;
  private final long stream;
  private final Lowering.Tasks tasks;
  private final boolean[] seen = new boolean[Buckets.COUNT];
  private final long[] graphs = new long[Buckets.COUNT];
  private boolean usable = true;

  DecodeGraphs(GpuDriver driver, long stream, Lowering.Tasks tasks) {
    this.driver = driver;
    this.stream = stream;
    this.tasks = tasks;
  }

  /** Queues a decode step that is padded to its class. */
  void run(StepShape shape) {
    int index = Buckets.index(shape.tokens, shape.contextClass);
    if (graphs[index] == 0 && seen[index] && usable) {
      graphs[index] = record(shape);
    }
    seen[index] = true;
    if (graphs[index] != 0) {
      driver.launchGraph(graphs[index], stream);
    } else {
      tasks.run(shape, stream);
    }
  }

  /**
   * The graph, or 0 if the driver cannot record these launches or has no memory left for what it
   * recorded: then no step is recorded any more.
   */
  private long record(StepShape shape) {
    try {
      driver.beginCapture(stream);
      try {
        tasks.run(shape, stream);
      } catch (RuntimeException | Error e) {
        abandon(e);
        throw e;
      }
      return driver.endCapture(stream);
    } catch (GpuException e) {
      if (!isHarmless(e.code())) {
        throw e;
      }
      usable = false;
      return 0;
    }
  }

  /** Whether launching kernel by kernel may still work. */
  private static boolean isHarmless(int code) {
    return code == OUT_OF_MEMORY || code >= CAPTURE_FIRST && code <= CAPTURE_LAST;
  }

  private void abandon(Throwable cause) {
    try {
      driver.destroyGraph(driver.endCapture(stream));
    } catch (GpuException e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    for (int i = 0; i < graphs.length; i++) {
      if (graphs[i] != 0) {
        driver.destroyGraph(graphs[i]);
        graphs[i] = 0;
      }
    }
  }
}
