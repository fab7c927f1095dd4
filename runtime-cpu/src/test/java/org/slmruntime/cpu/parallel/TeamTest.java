package org.slmruntime.cpu.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TeamTest {
  private static final long SECOND = 1_000_000_000;

  /** Of a second of doing nothing. Spinning through it would take all of the second. */
  private static final long LITTLE_CPU = SECOND / 4;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void doesEveryChunkOnceOnAWorkerOfTheTeam() {
    for (int size = 1; size <= 5; size++) {
      try (Team team = new Team(size)) {
        for (int i = 0; i < 2_000; i++) {
          int members = size;
          AtomicIntegerArray done = new AtomicIntegerArray(random.nextInt(40));
          AtomicIntegerArray strangers = new AtomicIntegerArray(1);
          team.run(
              region(
                  done.length(),
                  (chunk, worker) -> {
                    done.incrementAndGet(chunk);
                    strangers.addAndGet(0, worker >= 0 && worker < members ? 0 : 1);
                  }));
          for (int chunk = 0; chunk < done.length(); chunk++) {
            assertEquals(1, done.get(chunk), "chunk " + chunk + ", seed " + seed);
          }
          assertEquals(0, strangers.get(0), "seed " + seed);
        }
      }
    }
  }

  @Test
  void noTwoThreadsAreTheSameWorker() {
    try (Team team = new Team(4)) {
      AtomicIntegerArray busy = new AtomicIntegerArray(4);
      AtomicIntegerArray clashes = new AtomicIntegerArray(1);
      Region region =
          region(
              16,
              (_, worker) -> {
                clashes.addAndGet(0, busy.getAndIncrement(worker));
                LockSupport.parkNanos(1_000);
                busy.decrementAndGet(worker);
              });
      for (int i = 0; i < 500; i++) {
        team.run(region);
      }
      assertEquals(0, clashes.get(0));
    }
  }

  @Test
  void seesWhatAllChunksHaveWritten() {
    try (Team team = new Team(3)) {
      int[] written = new int[64];
      for (int i = 1; i <= 2_000; i++) {
        int round = i;
        team.run(region(written.length, (chunk, _) -> written[chunk] += round));
      }
      for (int sum : written) {
        assertEquals(2_000 * 2_001 / 2, sum);
      }
    }
  }

  @Test
  void throwsWhatAChunkThrowsAndGoesOn() {
    try (Team team = new Team(3)) {
      for (int i = 0; i < 500; i++) {
        int bad = random.nextInt(20);
        IllegalStateException thrown = new IllegalStateException("seed " + seed);
        Region failing =
            region(
                20,
                (chunk, _) -> {
                  if (chunk == bad) {
                    throw thrown;
                  }
                });
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> team.run(failing)));
        AtomicIntegerArray done = new AtomicIntegerArray(1);
        team.run(region(20, (_, _) -> done.incrementAndGet(0)));
        assertEquals(20, done.get(0), "seed " + seed);
      }
    }
  }

  @Test
  void costsNoProcessorTimeWhenIdle() throws InterruptedException {
    try (Team team = new Team(4)) {
      Set<Thread> workers = allTakePart(team, false);
      assertTrue(idleSecond(workers) < LITTLE_CPU, "workers spin");
    }
  }

  @Test
  void costsNoProcessorTimeWhenIdleEvenIfInterrupted() throws InterruptedException {
    try (Team team = new Team(4)) {
      Set<Thread> workers = allTakePart(team, true);
      Thread.interrupted();
      assertTrue(idleSecond(workers) < LITTLE_CPU, "workers spin");
      assertEquals(4, allTakePart(team, false).size());
    }
  }

  @Test
  void aCallerThatWaitsForOthersSleeps() {
    try (Team team = new Team(2)) {
      CountDownLatch begun = new CountDownLatch(1);
      long before = threads.getCurrentThreadCpuTime();
      team.run(
          region(
              2,
              (_, worker) -> {
                begun.countDown();
                if (worker == 0) {
                  await(begun);
                } else {
                  LockSupport.parkNanos(SECOND);
                }
              }));
      assertTrue(threads.getCurrentThreadCpuTime() - before < LITTLE_CPU, "the caller spins");
    }
  }

  @Test
  void anInterruptedCallerStillWaitsAndStaysInterrupted() {
    try (Team team = new Team(2)) {
      CountDownLatch bothBegun = new CountDownLatch(2);
      AtomicIntegerArray done = new AtomicIntegerArray(1);
      Thread.currentThread().interrupt();
      team.run(
          region(
              2,
              (_, worker) -> {
                bothBegun.countDown();
                awaitUninterrupted(bothBegun);
                if (worker != 0) {
                  LockSupport.parkNanos(SECOND / 5);
                }
                done.incrementAndGet(0);
              }));
      assertEquals(2, done.get(0));
      assertTrue(Thread.interrupted(), "the interruption was lost");
    }
  }

  @Test
  void finishesARegionThatIsClosedUnderIt() throws InterruptedException {
    for (int i = 0; i < 50; i++) {
      Team team = new Team(3);
      CountDownLatch begun = new CountDownLatch(1);
      Thread closer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    await(begun);
                    team.close();
                  });
      AtomicIntegerArray done = new AtomicIntegerArray(1);
      team.run(
          region(
              200,
              (_, _) -> {
                begun.countDown();
                LockSupport.parkNanos(10_000);
                done.incrementAndGet(0);
              }));
      closer.join();
      assertEquals(200, done.get(0));
    }
  }

  /** Makes every thread of the team do a chunk; which threads they are. */
  private static Set<Thread> allTakePart(Team team, boolean interrupt) {
    Set<Thread> members = ConcurrentHashMap.newKeySet();
    CountDownLatch all = new CountDownLatch(team.size());
    team.run(
        region(
            team.size(),
            (_, _) -> {
              members.add(Thread.currentThread());
              all.countDown();
              await(all);
              if (interrupt) {
                Thread.currentThread().interrupt();
              }
            }));
    return members;
  }

  private long idleSecond(Set<Thread> of) throws InterruptedException {
    long before = cpuTime(of);
    Thread.sleep(1_000);
    return cpuTime(of) - before;
  }

  private long cpuTime(Set<Thread> of) {
    return of.stream().mapToLong(thread -> threads.getThreadCpuTime(thread.threadId())).sum();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      Thread.onSpinWait();
    }
  }

  private interface Chunk {
    void run(int chunk, int worker);
  }

  private static Region region(int chunks, Chunk chunk) {
    return new Region() {
      @Override
      public int chunks() {
        return chunks;
      }

      @Override
      public void run(int index, int worker) {
        chunk.run(index, worker);
      }
    };
  }
}
