package org.slmruntime.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class WindowsTest {
  private static final int BOS = -7;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  /** How often each token of a text, its ids counted from 0, is scored. */
  private static int[] timesScored(Windows windows, int tokens) {
    int[] text = IntStream.range(0, tokens).toArray();
    int[] times = new int[tokens];
    for (int w = 0; w < windows.count(tokens); w++) {
      Window window = windows.window(text, w);
      assertTrue(window.ids().length <= windows.length());
      for (int position = window.from(); position + 1 < window.ids().length; position++) {
        times[window.ids()[position + 1]]++;
      }
    }
    return times;
  }

  @RepeatedTest(20)
  void slidingWindowsScoreEveryTokenButTheFirstOnce() {
    int length = random.nextInt(2, 20);
    int stride = random.nextInt(1, length);
    int tokens = random.nextInt(2, 100);
    int[] expected = new int[tokens];
    Arrays.fill(expected, 1, tokens, 1);
    assertArrayEquals(
        expected,
        timesScored(new Windows.Sliding(length, stride), tokens),
        () -> tokens + " tokens, length " + length + ", stride " + stride + ", seed " + seed);
  }

  @RepeatedTest(20)
  void slidingWindowsLeaveTheirOverlapBeforeWhatTheyScore() {
    int length = random.nextInt(2, 20);
    int stride = random.nextInt(1, length);
    int[] text = new int[random.nextInt(length + 1, 100)];
    Windows windows = new Windows.Sliding(length, stride);
    for (int w = 1; w < windows.count(text.length); w++) {
      assertEquals(length - stride, windows.window(text, w).from() + 1, () -> "seed " + seed);
    }
  }

  @RepeatedTest(20)
  void halvesScoreTheSecondHalfOfEachWholeWindow() {
    int length = random.nextInt(Windows.Halves.SHORTEST, 20);
    int tokens = random.nextInt(length, 100);
    int[] expected = new int[tokens];
    for (int start = 0; start + length <= tokens; start += length) {
      Arrays.fill(expected, start + length / 2 + 1, start + length, 1);
    }
    assertArrayEquals(
        expected,
        timesScored(new Windows.Halves(length, OptionalInt.empty()), tokens),
        () -> tokens + " tokens, length " + length + ", seed " + seed);
  }

  @Test
  void halvesScoreAShortTextWhole() {
    Windows windows = new Windows.Halves(9, OptionalInt.empty());
    assertArrayEquals(new int[] {0, 1, 1, 1, 1, 1, 1, 1}, timesScored(windows, 8));
  }

  @Test
  void halvesBeginWithBosAndLeaveTheTextAlone() {
    int[] text = IntStream.range(0, 12).toArray();
    Windows windows = new Windows.Halves(5, OptionalInt.of(BOS));
    assertArrayEquals(new int[] {BOS, 1, 2, 3, 4}, windows.window(text, 0).ids());
    assertArrayEquals(new int[] {BOS, 6, 7, 8, 9}, windows.window(text, 1).ids());
    assertArrayEquals(IntStream.range(0, 12).toArray(), text);
  }

  @Test
  void refusesWindowsThatScoreNothing() {
    refuses("at least 4 tokens but have 3", () -> new Windows.Halves(3, OptionalInt.empty()));
    refuses("must be in 1..4 but is 5", () -> new Windows.Sliding(5, 5));
    refuses("must be in 1..4 but is 0", () -> new Windows.Sliding(5, 0));
    refuses("a window has 1 tokens", () -> new Window(new int[1], 0));
    refuses("3 tokens cannot be scored after position 2", () -> new Window(new int[3], 2));
    refuses("3 tokens cannot be scored after position -1", () -> new Window(new int[3], -1));
    Windows windows = new Windows.Halves(5, OptionalInt.of(BOS));
    refuses("a window has 0 tokens", () -> windows.window(new int[0], 0));
  }

  private static void refuses(String part, Runnable work) {
    String message = assertThrows(EvaluationException.class, work::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
