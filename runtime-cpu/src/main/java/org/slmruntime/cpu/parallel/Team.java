package org.slmruntime.cpu.parallel;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads, the caller included. A region's chunks are claimed one by one, so a slow
 * core holds nobody up, and a worker that comes late, or not at all, is not waited for: a region
 * ends when its chunks are done, whoever did them.
 *
 * <p>Workers wait for the next region by spinning for a moment, since a model's step is hundreds of
 * regions, and then park, so that an idle model costs no processor time. So does the caller while
 * others do the last chunks.
 *
 * <p>No wake-up is lost: whoever parks first says so and then looks once more for what it waits
 * for; whoever makes that come true does so first and then looks for sleepers. All four are
 * volatile, so at least one side sees the other, and an unpark before the park is remembered.
 *
 * <p>{@link #run} is for one caller at a time and allocates nothing.
 */
public final class Team implements AutoCloseable {
  /** Longer than what a step does between two regions, short beside the time slice of a thread. */
  private static final long SPIN_NANOS = 100_000;

  /** The clock is read once for so many looks. */
  private static final int SPINS_PER_LOOK_AT_CLOCK = 16;

  /** Counters lie this far apart, in ints, so that no two of them share cache lines. */
  private static final int APART = 32;

  /** Chunks that nobody has begun; claiming may count it below zero. */
  private static final int UNCLAIMED = APART;

  /** Chunks that workers are done with; the caller counts its own. */
  private static final int FINISHED = 2 * APART;

  private final AtomicIntegerArray counters = new AtomicIntegerArray(3 * APART);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Worker[] workers;

  /** Written before {@link #UNCLAIMED} and read only by those who claimed a chunk of it. */
  private Region region;

  private int chunks;

  private volatile Thread sleepingCaller;
  private volatile boolean closed;

  /**
   * @param threads size of the team, the caller included
   */
  public Team(int threads) {
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].thread.start();
    }
  }

  /** Threads, the caller included. */
  public int size() {
    return workers.length + 1;
  }

  /**
   * Runs all chunks of a region and returns when they are done. What a chunk throws is thrown here,
   * once the chunks that others have begun are done; the rest is left out.
   */
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
    counters.set(FINISHED, 0);
    counters.set(UNCLAIMED, count);
    for (int i = 0; i < workers.length && i < count - 1; i++) {
      workers[i].wake();
    }
    awaitFinished(count - claim(0));
    region = null;
    rethrow();
  }

  private void rethrow() {
    // Only read in the usual case, so that its cache line stays with everybody.
    Throwable thrown = failure.get() == null ? null : failure.getAndSet(null);
    switch (thrown) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(thrown);
    }
  }

  /** Does chunks until none is left; how many it did or, after a failure, left out. */
  private int claim(int worker) {
    int done = 0;
    for (int left = take(); left > 0; left = take()) {
      try {
        region.run(chunks - left, worker);
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
        done += Math.max(0, counters.getAndSet(UNCLAIMED, 0));
      }
      done++;
    }
    return done;
  }

  /** Takes one of the chunks that are left; how many there were, or nothing above zero. */
  private int take() {
    // Looking first keeps the counter from falling for as long as threads look.
    return counters.get(UNCLAIMED) > 0 ? counters.getAndDecrement(UNCLAIMED) : 0;
  }

  /** Waits until workers are done with {@code count} chunks, which they have all begun. */
  private void awaitFinished(int count) {
    if (spinUntil(FINISHED, count)) {
      return;
    }
    boolean interrupted = false;
    sleepingCaller = Thread.currentThread();
    while (counters.get(FINISHED) < count) {
      LockSupport.park(this);
      // Parking returns at once as long as the thread is interrupted.
      interrupted |= Thread.interrupted();
    }
    sleepingCaller = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Spins until a counter has a value or the time for it is over; whether it has. */
  private boolean spinUntil(int counter, int least) {
    if (counters.get(counter) >= least) {
      return true;
    }
    long end = System.nanoTime() + SPIN_NANOS;
    do {
      for (int i = 0; i < SPINS_PER_LOOK_AT_CLOCK; i++) {
        Thread.onSpinWait();
        if (counters.get(counter) >= least) {
          return true;
        }
      }
    } while (System.nanoTime() < end);
    return false;
  }

  /** Ends the workers. A region that is being run is still finished, by its caller. */
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
      while (!closed) {
        int done = claim(index);
        if (done > 0) {
          counters.addAndGet(FINISHED, done);
          LockSupport.unpark(sleepingCaller);
        }
        if (!spinUntil(UNCLAIMED, 1)) {
          park();
        }
      }
    }

    /** Sleeps until there are chunks or the team is closed. */
    private void park() {
      parked = true;
      while (counters.get(UNCLAIMED) <= 0 && !closed) {
        LockSupport.park(this);
        // Parking returns at once as long as the thread is interrupted.
        Thread.interrupted();
      }
      parked = false;
    }
  }
}
