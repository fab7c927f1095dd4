package org.slmruntime.cpu.parallel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads, the caller included. A region's chunks are claimed one by one, so a slow
 * core holds nobody up. Workers wait for the next region by spinning for a moment, since a model's
 * step is hundreds of regions, and then park, so that an idle model costs no processor time.
 *
 * <p>{@link #run} is for one caller at a time.
 */
public final class Team implements AutoCloseable {
  private static final int SPINS = 20_000;

  private final Worker[] workers;
  private final AtomicInteger nextChunk = new AtomicInteger();
  private final AtomicInteger unfinished = new AtomicInteger();
  private final AtomicInteger epoch = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private Region region;
  private int chunks;

  private volatile boolean closed;

  /**
   * @param threads size of the team, the caller included
   */
  public Team(int threads) {
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].start();
    }
  }

  /** Threads, the caller included. */
  public int size() {
    return workers.length + 1;
  }

  /** Runs all chunks of a region and returns when they are done. */
  public void run(Region work) {
    int count = work.chunks();
    if (count <= 1 || workers.length == 0) {
      for (int chunk = 0; chunk < count; chunk++) {
        work.run(chunk, 0);
      }
      return;
    }
    region = work;
    chunks = count;
    nextChunk.set(0);
    unfinished.set(workers.length);
    epoch.incrementAndGet();
    for (Worker worker : workers) {
      worker.wake();
    }
    claim(0);
    while (unfinished.get() > 0) {
      Thread.onSpinWait();
    }
    region = null;
    rethrow();
  }

  private void rethrow() {
    Throwable thrown = failure.getAndSet(null);
    switch (thrown) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(thrown);
    }
  }

  private void claim(int worker) {
    Region work = region;
    int count = chunks;
    try {
      for (int chunk = nextChunk.getAndIncrement(); chunk < count; ) {
        work.run(chunk, worker);
        chunk = nextChunk.getAndIncrement();
      }
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
      nextChunk.set(count);
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker.thread);
    }
    for (Worker worker : workers) {
      worker.join();
    }
  }

  /** One thread beside the caller. */
  private final class Worker implements Runnable {
    final int index;
    final Thread thread;
    private volatile boolean parked;

    Worker(int index) {
      this.index = index;
      this.thread = Thread.ofPlatform().daemon().name("slm-cpu-" + index).unstarted(this);
    }

    void start() {
      thread.start();
    }

    void wake() {
      if (parked) {
        LockSupport.unpark(thread);
      }
    }

    void join() {
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void run() {
      int seen = 0;
      while (awaitEpochAfter(seen)) {
        seen = epoch.get();
        claim(index);
        unfinished.decrementAndGet();
      }
    }

    /** Waits until a region starts; false if the team is closed. */
    private boolean awaitEpochAfter(int seen) {
      for (int spin = 0; spin < SPINS; spin++) {
        if (epoch.get() != seen) {
          return true;
        }
        Thread.onSpinWait();
      }
      parked = true;
      while (epoch.get() == seen && !closed) {
        LockSupport.park(this);
      }
      parked = false;
      return epoch.get() != seen;
    }
  }
}
