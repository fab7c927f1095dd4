package org.slmruntime.cuda.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.slmruntime.cuda.driver.GpuException;

/**
 * When queued work runs. What a program may not rely on happens in one of several ways; which one,
 * the seed decides.
 */
class QueuedWorkTest {
  private static final int SEEDS = 200;
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  /** A device with two streams, pinned memory and a place for two ints. */
  private record Bench(
      InterpretedDriver driver, long one, long two, MemorySegment pinned, long place) {
    static Bench of(long seed) {
      InterpretedDriver driver =
          new InterpretedDriver(DeviceOptions.checked(seed).withMemory(1 << 16));
      driver.makeCurrent();
      Bench bench =
          new Bench(
              driver,
              driver.createStream(),
              driver.createStream(),
              driver.allocatePinned(64),
              driver.allocate(64));
      driver.upload(bench.place, MemorySegment.ofArray(new int[16]), 64);
      return bench;
    }

    void pin(int value) {
      pinned.set(ValueLayout.JAVA_INT, 0, value);
    }

    int pinnedInt() {
      return pinned.get(ValueLayout.JAVA_INT, 0);
    }

    int stored() {
      int[] value = new int[1];
      driver.download(MemorySegment.ofArray(value), place, 4);
      return value[0];
    }
  }

  /** All results of a program under many seeds. */
  private Set<Integer> results(ToIntFunction<Bench> program) {
    Set<Integer> results = new HashSet<>();
    for (int i = 0; i < SEEDS; i++) {
      Bench bench = Bench.of(seed + i);
      results.add(program.applyAsInt(bench));
      bench.driver.close();
    }
    return results;
  }

  private void assertResults(Set<Integer> expected, ToIntFunction<Bench> program) {
    assertEquals(expected, results(program), () -> "seed " + seed);
  }

  @Test
  void aCopyReadsPinnedMemoryWhenItRuns() {
    assertResults(
        Set.of(1, 2),
        b -> {
          b.pin(1);
          b.driver.uploadAsync(b.place, b.pinned, 4, b.one);
          b.pin(2);
          b.driver.synchronize(b.one);
          return b.stored();
        });
  }

  @Test
  void aStreamKeepsItsOrder() {
    assertResults(
        Set.of(0x07070707),
        b -> {
          b.driver.fillAsync(b.place, (byte) 5, 4, b.one);
          b.driver.fillAsync(b.place, (byte) 7, 4, b.one);
          b.driver.copyAsync(b.place + 32, b.place, 4, b.one);
          b.driver.fillAsync(b.place, (byte) 9, 4, b.one);
          b.driver.downloadAsync(b.pinned, b.place + 32, 4, b.one);
          b.driver.synchronize(b.one);
          return b.pinnedInt();
        });
  }

  @Test
  void streamsDoNotWaitForEachOther() {
    assertResults(
        Set.of(0x05050505, 0x07070707),
        b -> {
          b.driver.fillAsync(b.place, (byte) 5, 4, b.one);
          b.driver.fillAsync(b.place, (byte) 7, 4, b.two);
          b.driver.synchronize(b.one);
          b.driver.synchronize(b.two);
          return b.stored();
        });
  }

  @Test
  void aStreamWaitsForAnEvent() {
    assertResults(
        Set.of(0x07070707),
        b -> {
          long event = b.driver.createEvent();
          b.driver.fillAsync(b.place, (byte) 5, 4, b.one);
          b.driver.recordEvent(event, b.one);
          b.driver.waitEvent(b.two, event);
          b.driver.fillAsync(b.place, (byte) 7, 4, b.two);
          b.driver.synchronize(b.two);
          return b.stored();
        });
  }

  @Test
  void anEventThatWasNeverRecordedHoldsNobodyUp() {
    assertResults(
        Set.of(0x05050505, 0x07070707),
        b -> {
          long event = b.driver.createEvent();
          b.driver.fillAsync(b.place, (byte) 5, 4, b.one);
          b.driver.waitEvent(b.two, event);
          b.driver.fillAsync(b.place, (byte) 7, 4, b.two);
          b.driver.synchronize(b.two);
          b.driver.synchronizeEvent(event);
          b.driver.synchronize(b.one);
          return b.stored();
        });
  }

  @Test
  void theHostWaitsForAnEventAndNotForWhatFollows() {
    assertResults(
        Set.of(5, 7),
        b -> {
          long event = b.driver.createEvent();
          b.driver.fillAsync(b.place, (byte) 5, 4, b.one);
          b.driver.recordEvent(event, b.one);
          b.driver.fillAsync(b.place, (byte) 7, 4, b.one);
          b.driver.synchronizeEvent(event);
          return b.stored() & 0xff;
        });
  }

  @Test
  void copiesThatWaitDoNotWaitForStreams() {
    assertResults(
        Set.of(0, 5),
        b -> {
          b.driver.fillAsync(b.place, (byte) 5, 4, b.one);
          return b.stored() & 0xff;
        });
  }

  @Test
  void pinnedMemoryHoldsNoiseAtFirstAndIsUnreadableInTheEnd() {
    Bench bench = Bench.of(seed);
    MemorySegment other = bench.driver.allocatePinned(1000);
    byte[] noise = other.toArray(ValueLayout.JAVA_BYTE);
    long values = new String(noise, StandardCharsets.ISO_8859_1).chars().distinct().count();
    assertTrue(values > 50, () -> "seed " + seed);
    bench.driver.freePinned(other);
    assertThrows(IllegalStateException.class, () -> other.get(ValueLayout.JAVA_BYTE, 0));
    assertThrows(GpuException.class, () -> bench.driver.freePinned(other));
  }

  @Test
  void refusesAsynchronousCopiesOfOrdinaryMemory() {
    Bench bench = Bench.of(seed);
    MemorySegment heap = MemorySegment.ofArray(new int[4]);
    assertThrows(
        GpuException.class, () -> bench.driver.uploadAsync(bench.place, heap, 4, bench.one));
    assertThrows(
        GpuException.class,
        () -> bench.driver.downloadAsync(bench.pinned, bench.place, 65, bench.one));
  }

  @Test
  void takesTimesOfEventsThatAreDone() {
    Bench bench = Bench.of(seed);
    long start = bench.driver.createEvent();
    long end = bench.driver.createEvent();
    assertThrows(GpuException.class, () -> bench.driver.elapsedMillis(start, end));
    bench.driver.recordEvent(start, bench.one);
    bench.driver.fillAsync(bench.place, (byte) 5, 4, bench.one);
    bench.driver.recordEvent(end, bench.one);
    bench.driver.synchronizeEvent(end);
    assertArrayEquals(
        new float[] {0.002f}, new float[] {bench.driver.elapsedMillis(start, end)}, 1e-6f);
  }
}
