package org.slmruntime.benchmarks.compare;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slmruntime.benchmarks.BenchmarkException;

/** A program that is ended, with all that it has started, when closed or when this process ends. */
final class ChildProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 5;

  private final Process process;
  private final Thread hook = new Thread(this::end, "slm-compare-end");

  private ChildProcess(Process process) {
    this.process = process;
  }

  /** Starts a program. */
  static ChildProcess start(ProcessBuilder builder) throws IOException {
    ChildProcess child = new ChildProcess(builder.start());
    try {
      Runtime.getRuntime().addShutdownHook(child.hook);
    } catch (IllegalStateException e) {
      child.end();
      throw new BenchmarkException("this process is ending", e);
    }
    return child;
  }

  Process process() {
    return process;
  }

  private void end() {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroy);
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        all.forEach(ProcessHandle::destroyForcibly);
        process.waitFor();
      }
    } catch (InterruptedException e) {
      all.forEach(ProcessHandle::destroyForcibly);
      throw new BenchmarkException("interrupted while a program was ended", e);
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // This process is ending, and the hook does the rest.
    }
    end();
  }
}
