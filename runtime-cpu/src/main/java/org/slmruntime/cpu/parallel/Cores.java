package org.slmruntime.cpu.parallel;

import java.util.concurrent.Semaphore;
import org.slmruntime.natives.Machine;

/**
 * Cores that plans share. A step takes as many as it has threads and waits, first come first
 * served, until they are free: two models in one process take turns instead of slowing each other
 * down with more threads than there are cores.
 */
public final class Cores {
  /** The hardware is one for the whole process, whoever opens a backend; see ADR 10. */
  private static final Cores OF_THIS_PROCESS = new Cores(Machine.probe().cores());

  /** How long a step keeps its cores, at least, while others wait. */
  private static final long SLICE_NANOS = 20_000_000;

  private final int count;
  private final Semaphore free;

  Cores(int count) {
    this.count = count;
    this.free = new Semaphore(count, true);
  }

  /** Those that this process may run on. */
  public static Cores ofThisProcess() {
    return OF_THIS_PROCESS;
  }

  /**
   * A plan's claim.
   *
   * @param threads that its steps keep busy; with more than there are cores it gets all of them
   */
  public Turn turn(int threads) {
    return new Turn(Math.min(threads, count));
  }

  /** Of one plan, for its steps one after the other. */
  public final class Turn {
    private final int share;
    private long since;

    private Turn(int share) {
      this.share = share;
    }

    /** Waits for cores. Not twice before {@link #end()}, and for no other turn meanwhile. */
    public void begin() {
      free.acquireUninterruptibly(share);
      since = System.nanoTime();
    }

    /** Lets others go first if they wait and this turn has been long enough. */
    public void handOn() {
      if (free.hasQueuedThreads() && System.nanoTime() - since > SLICE_NANOS) {
        end();
        begin();
      }
    }

    /** Gives the cores back. */
    public void end() {
      free.release(share);
    }
  }
}
