package org.slmruntime.cli;

import java.io.PrintWriter;
import java.util.function.BooleanSupplier;
import org.slmruntime.backend.spi.ProgressListener;

/**
 * A bar on one line of a terminal; nothing where the output is no terminal or the work is short.
 */
final class ProgressBar implements ProgressListener {
  private static final int WIDTH = 30;
  private static final long FIRST_AFTER_NANOS = 200_000_000;
  private static final long EVERY_NANOS = 50_000_000;

  private final PrintWriter err;
  private final BooleanSupplier terminal;
  private final long first;
  private long shown;
  private boolean drawn;

  ProgressBar(PrintWriter err) {
    this(err, Terminals::isError, FIRST_AFTER_NANOS);
  }

  ProgressBar(PrintWriter err, BooleanSupplier terminal, long firstAfterNanos) {
    this.err = err;
    this.terminal = terminal;
    this.first = System.nanoTime() + firstAfterNanos;
  }

  @Override
  public synchronized void onProgress(String task, long done, long total) {
    long now = System.nanoTime();
    boolean last = done >= total;
    if (now - first < 0 || !last && now - shown < EVERY_NANOS) {
      return;
    }
    shown = now;
    if (!terminal.getAsBoolean()) {
      return;
    }
    int filled = (int) (WIDTH * Math.min(done, total) / Math.max(1, total));
    err.printf(
        "\r%s [%s%s] %d%%\033[K",
        task,
        "#".repeat(filled),
        " ".repeat(WIDTH - filled),
        100 * Math.min(done, total) / Math.max(1, total));
    drawn = true;
    if (last) {
      clear();
    }
    err.flush();
  }

  /** Takes the bar away, so that something else can be written on its line. */
  synchronized void clear() {
    if (drawn) {
      err.print("\r\033[K");
      err.flush();
      drawn = false;
    }
  }
}
