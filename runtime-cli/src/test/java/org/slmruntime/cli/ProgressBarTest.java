package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  private final StringWriter err = new StringWriter();

  @Test
  void drawsItselfOnOneLineAndGoesAway() {
    ProgressBar bar = new ProgressBar(new PrintWriter(err), () -> true, 0);
    bar.onProgress("loading", 5, 10);
    bar.onProgress("loading", 6, 10); // Too soon to be worth drawing.
    bar.onProgress("loading", 10, 10);
    String half = "\rloading [" + "#".repeat(15) + " ".repeat(15) + "] 50%\033[K";
    String whole = "\rloading [" + "#".repeat(30) + "] 100%\033[K";
    assertEquals(half + whole + "\r\033[K", err.toString());
  }

  @Test
  void makesRoomForOtherWords() {
    ProgressBar bar = new ProgressBar(new PrintWriter(err), () -> true, 0);
    bar.clear();
    assertEquals("", err.toString());
    bar.onProgress("loading", 0, 10);
    bar.clear();
    bar.clear();
    assertEquals("\rloading [" + " ".repeat(30) + "] 0%\033[K\r\033[K", err.toString());
  }

  @Test
  void keepsFromFiles() {
    new ProgressBar(new PrintWriter(err), () -> false, 0).onProgress("loading", 10, 10);
    assertEquals("", err.toString());
  }

  @Test
  void keepsStillAboutShortWork() {
    new ProgressBar(new PrintWriter(err), () -> true, Long.MAX_VALUE / 4)
        .onProgress("loading", 10, 10);
    assertTrue(err.toString().isEmpty());
  }
}
