package org.slmruntime.cli;

import java.io.PrintWriter;
import org.slmruntime.hub.PullListener;

/** Shows on standard error how far a download has come. Closing takes the bar away. */
final class PullProgress implements PullListener, AutoCloseable {
  private final PrintWriter err;
  private final boolean quiet;
  private final ProgressBar bar;

  PullProgress(PrintWriter err, boolean quiet) {
    this.err = err;
    this.quiet = quiet;
    this.bar = new ProgressBar(err);
  }

  @Override
  public void onProgress(String task, long done, long total) {
    if (!quiet) {
      bar.onProgress(Output.oneLine(task) + " (" + Output.bytes(total) + ")", done, total);
    }
  }

  @Override
  public void onNotice(String text) {
    if (!quiet) {
      bar.clear();
      err.println("slm: " + Output.oneLine(text));
      err.flush();
    }
  }

  @Override
  public void close() {
    bar.clear();
  }
}
