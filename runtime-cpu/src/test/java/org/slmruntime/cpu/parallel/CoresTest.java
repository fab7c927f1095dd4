package org.slmruntime.cpu.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CoresTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  @Test
  void neverGivesMoreThanThereAre() throws InterruptedException {
    Random random = new Random(seed);
    int count = 1 + random.nextInt(6);
    Cores cores = new Cores(count);
    AtomicInteger taken = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Thread> plans = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int threads = 1 + random.nextInt(8);
      plans.add(Thread.ofPlatform().start(() -> step(cores, threads, count, taken, most)));
    }
    for (Thread plan : plans) {
      plan.join();
    }
    assertTrue(most.get() > 0 && most.get() <= count, most + " of " + count + ", seed " + seed);
  }

  private static void step(
      Cores cores, int threads, int count, AtomicInteger taken, AtomicInteger most) {
    Cores.Turn turn = cores.turn(threads);
    int share = Math.min(threads, count);
    for (int i = 0; i < 300; i++) {
      turn.begin();
      most.accumulateAndGet(taken.addAndGet(share), Math::max);
      LockSupport.parkNanos(1_000);
      taken.addAndGet(-share);
      turn.handOn();
      turn.end();
    }
  }

  @Test
  void letsPlansWithFewThreadsRunSideBySide() throws InterruptedException {
    Cores cores = new Cores(3);
    Cores.Turn one = cores.turn(1);
    Cores.Turn two = cores.turn(2);
    one.begin();
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  two.begin();
                  two.end();
                });
    other.join();
    one.end();
    assertEquals(Thread.State.TERMINATED, other.getState());
  }

  @Test
  void aLongTurnLetsOthersIn() throws InterruptedException {
    Cores cores = new Cores(2);
    Cores.Turn mine = cores.turn(2);
    Cores.Turn theirs = cores.turn(2);
    AtomicBoolean inside = new AtomicBoolean();
    AtomicBoolean served = new AtomicBoolean();
    mine.begin();
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  theirs.begin();
                  inside.set(true);
                  LockSupport.parkNanos(1_000);
                  served.set(true);
                  inside.set(false);
                  theirs.end();
                });
    while (!served.get()) {
      mine.handOn();
      assertFalse(inside.get(), "both have the cores");
    }
    mine.end();
    other.join();
  }
}
