package org.slmruntime.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * While open, Ctrl-C asks a training to stop after its current step; the process ends with code 130
 * when that is done and kept, or a minute has passed.
 */
final class TrainingInterrupt implements BooleanSupplier, AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::interrupted, "slm-interrupt");
  private volatile boolean asked;

  TrainingInterrupt() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void interrupted() {
    asked = true;
    try {
      ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(Interrupt.EXIT_CODE);
  }

  /** Whether to stop. */
  @Override
  public boolean getAsBoolean() {
    return asked;
  }

  @Override
  public void close() {
    if (asked) {
      ended.countDown();
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      ended.countDown();
    }
  }
}
