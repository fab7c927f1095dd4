package org.slmruntime.cuda.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.kernels.MatrixLayout;
import org.slmruntime.tensor.DType;

/**
 * Runs a few kernels on numbers whose results are exact whatever the order of sums: plain float
 * arithmetic, integer dot products, tensor cores, and a reduction over a block. A device or a
 * compiler of the driver that gets these wrong must not be trusted with a model.
 */
public final class GpuSelfTest {
  private static final int ROWS = 70;
  private static final int COLUMNS = 64;
  private static final int TOKENS = 9;
  private static final int VOCABULARY = 3001;
  private static final int WINNER = 2617;

  /** Makes 16-bit activations whole numbers: their scale is the largest of 32 over 32512. */
  private static final float UNIT = 32512;

  private static final short HALF_AS_F16 = 0x3800;

  private final GpuDriver driver;
  private final GpuKernels kernels;
  private final Arena arena;
  private final List<Long> memory = new ArrayList<>();
  private final long stream;

  private GpuSelfTest(GpuDriver driver, GpuKernels kernels, Arena arena) {
    this.driver = driver;
    this.kernels = kernels;
    this.arena = arena;
    this.stream = driver.createStream();
  }

  /**
   * Tests a device whose context is current.
   *
   * @throws BackendException if a result is wrong, naming the kernel, or a call failed
   */
  public static void run(GpuDriver driver) {
    try (Arena arena = Arena.ofConfined();
        GpuKernels kernels = new GpuKernels(driver)) {
      GpuSelfTest test = new GpuSelfTest(driver, kernels, arena);
      try {
        test.sum();
        test.fewTokens();
        test.manyTokens();
        test.largest();
      } finally {
        test.giveBack();
      }
    }
  }

  private void giveBack() {
    driver.destroyStream(stream);
    memory.forEach(driver::free);
  }

  private void sum() {
    float[] left = new float[300];
    float[] expected = new float[300];
    for (int i = 0; i < left.length; i++) {
      left[i] = i - 150;
      expected[i] = 2 * left[i];
    }
    long x = upload(MemorySegment.ofArray(left));
    long y = allocate(4L * left.length);
    KernelArguments arguments =
        kernels
            .arguments("add", arena)
            .set("left", x)
            .set("right", x)
            .set("y", y)
            .set("width", left.length);
    check(new Grid(2, 1, 1, 256, 1, 1), arguments, y, expected);
  }

  private void fewTokens() {
    long y = allocate(4L * ROWS);
    KernelArguments arguments = kernels.arguments("gemv_q8_0_1", arena);
    matrix(arguments)
        .set("x", upload(MemorySegment.ofArray(activations())))
        .set("x_stride", COLUMNS)
        .set("activation", -1)
        .set("y", y)
        .set("y_stride", ROWS)
        .set("rows", ROWS)
        .set("columns", COLUMNS)
        .set("tokens", 1);
    check(Grid.of(2, 256), arguments, y, Arrays.copyOf(products(), ROWS));
  }

  private void manyTokens() {
    long codes = allocate(2L * TOKENS * COLUMNS);
    long scales = allocate(4L * TOKENS * COLUMNS / 32);
    long sums = allocate(4L * TOKENS * COLUMNS / 16);
    KernelArguments prepare =
        kernels
            .arguments("prepare_int16", arena)
            .set("x", upload(MemorySegment.ofArray(activations())))
            .set("x_stride", COLUMNS)
            .set("codes", codes)
            .set("scales", scales)
            .set("sums", sums)
            .set("columns", COLUMNS)
            .set("tokens", TOKENS);
    driver.launch(kernels.bind(Grid.of(TOKENS, 256), prepare), stream);
    long y = allocate(4L * TOKENS * ROWS);
    KernelArguments arguments = kernels.arguments("gemm_q8_0", arena);
    matrix(arguments)
        .set("codes", codes)
        .set("scales", scales)
        .set("sums", sums)
        .set("y", y)
        .set("y_stride", ROWS)
        .set("rows", ROWS)
        .set("columns", COLUMNS)
        .set("tokens", TOKENS);
    check(Grid.of(Math.ceilDiv(ROWS, 128), 256), arguments, y, products());
  }

  private void largest() {
    float[] logits = new float[VOCABULARY];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = -i;
    }
    logits[WINNER] = 1;
    long ids = allocate(4);
    KernelArguments arguments =
        kernels
            .arguments("argmax", arena)
            .set("logits", upload(MemorySegment.ofArray(logits)))
            .set("logits_stride", VOCABULARY)
            .set("vocabulary", VOCABULARY)
            .set("ids", ids);
    check(Grid.of(1, 1024), arguments, ids, Float.intBitsToFloat(WINNER));
  }

  /** Launches, waits and compares bit for bit; ids are compared as the floats of their bits. */
  private void check(Grid grid, KernelArguments arguments, long y, float... expected) {
    driver.launch(kernels.bind(grid, arguments), stream);
    driver.synchronize(stream);
    float[] actual = new float[expected.length];
    driver.download(MemorySegment.ofArray(actual), y, 4L * actual.length);
    int wrong = Arrays.mismatch(actual, expected);
    if (wrong >= 0) {
      throw new BackendException(
          "the GPU gives wrong results: kernel "
              + arguments.signature().entry()
              + " gave "
              + actual[wrong]
              + " instead of "
              + expected[wrong]
              + " at "
              + wrong
              + "; update the NVIDIA driver");
    }
  }

  private static int weight(int row, int column) {
    return column % 32 == 0 ? 0 : (row * 5 + column * 3) % 17 - 8;
  }

  private static int activation(int token, int column) {
    return column % 32 == 0 ? (int) UNIT : (token * 7 + column * 11) % 41 - 20;
  }

  private static float[] activations() {
    float[] x = new float[TOKENS * COLUMNS];
    for (int i = 0; i < x.length; i++) {
      x[i] = activation(i / COLUMNS, i % COLUMNS);
    }
    return x;
  }

  /** For each token and row; weights are half their codes. */
  private static float[] products() {
    float[] y = new float[TOKENS * ROWS];
    for (int i = 0; i < y.length; i++) {
      int sum = 0;
      for (int k = 0; k < COLUMNS; k++) {
        sum += weight(i % ROWS, k) * activation(i / ROWS, k);
      }
      y[i] = sum / 2f;
    }
    return y;
  }

  private KernelArguments matrix(KernelArguments arguments) {
    MatrixLayout layout = new MatrixLayout(DType.Q8_0, ROWS, COLUMNS);
    byte[] codes = new byte[ROWS * layout.pitch(0)];
    short[] scales = new short[ROWS * layout.pitch(1) / Short.BYTES];
    Arrays.fill(scales, HALF_AS_F16);
    for (int i = 0; i < ROWS * COLUMNS; i++) {
      codes[i / COLUMNS * layout.pitch(0) + i % COLUMNS] = (byte) weight(i / COLUMNS, i % COLUMNS);
    }
    long[] planes = {upload(MemorySegment.ofArray(codes)), upload(MemorySegment.ofArray(scales))};
    return arguments.set("weights", planes, new int[] {layout.pitch(0), layout.pitch(1)});
  }

  private long upload(MemorySegment values) {
    long address = allocate(values.byteSize());
    driver.upload(address, values, values.byteSize());
    return address;
  }

  private long allocate(long bytes) {
    long address = driver.allocate(bytes);
    memory.add(address);
    return address;
  }
}
