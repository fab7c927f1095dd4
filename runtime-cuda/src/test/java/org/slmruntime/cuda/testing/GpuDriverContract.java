package org.slmruntime.cuda.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.slmruntime.cuda.testing.SmallKernels.filled;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuDriver.GemmLibrary;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.cuda.kernel.GpuSelfTest;
import org.slmruntime.kernels.KernelCatalog;

/**
 * What every driver does. Run on the interpreted one everywhere and on NVIDIA's where there is a
 * GPU, so that what the interpreted one promises to the other tests is what a GPU does.
 */
public abstract class GpuDriverContract {
  private static final int LARGE = 3 << 20;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private GpuDriver driver;
  private SmallKernels small;
  private long stream;

  /** Opens a device, or skips the test with a reason. */
  protected abstract GpuDriver open(long seed);

  @BeforeEach
  void openTheDevice() {
    driver = open(seed);
    driver.makeCurrent();
    small = new SmallKernels(driver);
    stream = driver.createStream();
  }

  @AfterEach
  void closeTheDevice() {
    if (driver != null) {
      driver.close();
    }
  }

  private byte[] noise(int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void copiesHeapAndNativeMemory() {
    byte[] bytes = noise(LARGE + 5);
    long address = driver.allocate(bytes.length);
    driver.upload(address, MemorySegment.ofArray(bytes), bytes.length);
    MemorySegment back = Arena.ofAuto().allocate(bytes.length);
    driver.download(back, address, bytes.length);
    assertArrayEquals(bytes, back.toArray(ValueLayout.JAVA_BYTE), () -> "seed " + seed);
    back.set(ValueLayout.JAVA_BYTE, 1, (byte) ~bytes[1]);
    driver.upload(address, back, bytes.length);
    byte[] again = new byte[2];
    driver.download(MemorySegment.ofArray(again), address, 2);
    assertEquals((byte) ~bytes[1], again[1], () -> "seed " + seed);
  }

  @Test
  void aStreamRunsWhatIsQueuedInOrder() {
    byte[] bytes = noise(LARGE);
    MemorySegment pinned = driver.allocatePinned(LARGE);
    pinned.copyFrom(MemorySegment.ofArray(bytes));
    MemorySegment result = driver.allocatePinned(LARGE);
    long one = driver.allocate(LARGE);
    long two = driver.allocate(LARGE);
    driver.fillAsync(one, (byte) 7, LARGE, stream);
    driver.uploadAsync(one, pinned, LARGE, stream);
    driver.copyAsync(two, one, LARGE, stream);
    driver.fillAsync(one, (byte) 9, LARGE, stream);
    driver.fillAsync(two, (byte) 5, 10, stream);
    driver.downloadAsync(result, two, LARGE, stream);
    driver.synchronize(stream);
    for (int i = 0; i < 10; i++) {
      bytes[i] = 5;
    }
    assertArrayEquals(bytes, result.toArray(ValueLayout.JAVA_BYTE), () -> "seed " + seed);
  }

  @Test
  void anEventHoldsAnotherStreamUp() {
    long other = driver.createStream();
    long event = driver.createEvent();
    long end = driver.createEvent();
    long bytes = LARGE;
    long address = driver.allocate(bytes);
    driver.fillAsync(address, (byte) 1, bytes, stream);
    driver.recordEvent(event, stream);
    driver.waitEvent(other, event);
    driver.fillAsync(address + bytes - 1, (byte) 2, 1, other);
    driver.recordEvent(end, other);
    driver.synchronizeEvent(end);
    byte[] last = new byte[2];
    driver.download(MemorySegment.ofArray(last), address + bytes - 2, 2);
    assertArrayEquals(new byte[] {1, 2}, last, () -> "seed " + seed);
    float millis = driver.elapsedMillis(event, end);
    assertTrue(Float.isNaN(millis) || millis >= 0, () -> millis + " ms");
  }

  @Test
  void launchesWithTheValuesThatTheArgumentsHaveAtTheLaunch() {
    long x = small.array(3);
    KernelArguments arguments = small.scale(x, 2, x);
    Launch launch = small.bind(arguments);
    driver.launch(launch, stream);
    arguments.set("factor", 5f);
    driver.launch(launch, stream);
    arguments.set("factor", 100f);
    driver.synchronize(stream);
    assertArrayEquals(filled(30), small.get(x), () -> "seed " + seed);
  }

  @Test
  void aGraphKeepsItsArgumentsAndReadsPinnedMemoryAnew() {
    long x = small.array(3);
    KernelArguments arguments = small.scale(x, 2, x);
    Launch launch = small.bind(arguments);
    MemorySegment pinned = driver.allocatePinned(4);
    driver.beginCapture(stream);
    driver.uploadAsync(x, pinned, 4, stream);
    driver.launch(launch, stream);
    arguments.set("factor", 3f);
    driver.launch(launch, stream);
    long graph = driver.endCapture(stream);
    arguments.set("factor", 1000f);
    driver.synchronize(stream);
    assertArrayEquals(filled(3), small.get(x), () -> "seed " + seed);
    float expected = 3;
    for (int value : new int[] {5, 8}) {
      pinned.set(ValueLayout.JAVA_FLOAT, 0, value);
      driver.launchGraph(graph, stream);
      driver.synchronize(stream);
      expected *= 6;
      float[] result = small.get(x);
      assertEquals(6 * value, result[0], () -> "seed " + seed);
      assertEquals(expected, result[1], () -> "seed " + seed);
    }
    driver.destroyGraph(graph);
  }

  @Test
  void aRecordingIsSpoiledByWaitingAndTheStreamIsUsableAgain() {
    long x = small.array(3);
    Launch launch = small.bind(small.scale(x, 2, x));
    driver.beginCapture(stream);
    driver.launch(launch, stream);
    assertFalse(assertThrows(GpuException.class, () -> driver.synchronize(stream)).isSticky());
    assertThrows(GpuException.class, () -> driver.endCapture(stream));
    driver.launch(launch, stream);
    driver.synchronize(stream);
    assertArrayEquals(filled(6), small.get(x), () -> "seed " + seed);
  }

  @Test
  void goesOnAfterRefusingMoreMemoryThanThereIs() {
    GpuException e = assertThrows(GpuException.class, () -> driver.allocate(1L << 50));
    assertEquals(2, e.code(), e.getMessage());
    long before = driver.freeMemory();
    long address = driver.allocate(64 << 20);
    assertTrue(driver.freeMemory() < before);
    driver.free(address);
  }

  @Test
  void refusesModulesThatAreWrongAndKernelsThatAreNotThere() {
    byte[] wrong =
        ".version 7.0\n.target sm_80\n.address_size 64\nnonsense\n"
            .getBytes(StandardCharsets.US_ASCII);
    GpuException e = assertThrows(GpuException.class, () -> driver.loadModule("wrong", wrong));
    assertEquals(218, e.code(), e.getMessage());
    assertTrue(e.getMessage().contains("module wrong"), e.getMessage());
    long module = driver.loadModule("pointwise", KernelCatalog.ptx("pointwise"));
    e = assertThrows(GpuException.class, () -> driver.function(module, "nothing"));
    assertEquals(500, e.code(), e.getMessage());
    driver.unloadModule(module);
  }

  @Test
  void multipliesRowMajorMatrices() {
    GemmLibrary gemm = driver.gemm().library().orElse(null);
    Assumptions.assumeTrue(gemm != null, driver.gemm()::missing);
    // w is [2][8], x is [3][8]: whole numbers, exact as bf16 and in any order of sums.
    float[] w = new float[16];
    float[] x = new float[24];
    for (int i = 0; i < x.length; i++) {
      w[i % 16] = i % 5 - 2;
      x[i] = i % 7 - 3;
    }
    long y = driver.allocate(4L * 3 * 4);
    gemm.multiplyF32(upload(w), 8, upload(x), y, 4, 2, 8, 3, stream);
    driver.synchronize(stream);
    check(w, x, y);
    driver.fillAsync(y, (byte) 0, 48, stream);
    gemm.multiplyBf16(uploadBf16(w), uploadBf16(x), y, 4, 2, 8, 3, stream);
    driver.synchronize(stream);
    check(w, x, y);
  }

  private void check(float[] w, float[] x, long y) {
    for (int token = 0; token < 3; token++) {
      float[] row = new float[2];
      driver.download(MemorySegment.ofArray(row), y + 16L * token, 8);
      for (int r = 0; r < 2; r++) {
        float sum = 0;
        for (int k = 0; k < 8; k++) {
          sum += w[8 * r + k] * x[8 * token + k];
        }
        assertEquals(sum, row[r]);
      }
    }
  }

  private long upload(float[] values) {
    long address = driver.allocate(4L * values.length);
    driver.upload(address, MemorySegment.ofArray(values), 4L * values.length);
    return address;
  }

  private long uploadBf16(float[] values) {
    short[] halves = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      halves[i] = (short) (Float.floatToRawIntBits(values[i]) >>> 16);
    }
    long address = driver.allocate(2L * values.length);
    driver.upload(address, MemorySegment.ofArray(halves), 2L * values.length);
    return address;
  }

  @Test
  void passesTheSelfTest() {
    assertDoesNotThrow(() -> GpuSelfTest.run(driver));
  }

  @Test
  void isClosedForGood() {
    driver.close();
    driver.close();
    assertThrows(GpuException.class, () -> driver.allocate(64));
    assertThrows(GpuException.class, () -> driver.makeCurrent());
  }
}
