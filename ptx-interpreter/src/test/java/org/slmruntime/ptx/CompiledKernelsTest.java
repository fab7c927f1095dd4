package org.slmruntime.ptx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs what nvcc makes of samples.cu. */
class CompiledKernelsTest {
  private static final PtxModule SAMPLES = samples();

  private final Random random = new Random(Lab.SEED);
  private final GlobalMemory memory = new GlobalMemory(1 << 26);

  private static PtxModule samples() {
    try (InputStream in = CompiledKernelsTest.class.getResourceAsStream("samples.ptx")) {
      return PtxModule.parse("samples", new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<PtxOptions> options() {
    return Stream.of(PtxOptions.fast(), PtxOptions.checked(Lab.SEED));
  }

  private void launch(PtxOptions options, String name, int grid, int block, Object... arguments) {
    PtxEntry entry = SAMPLES.entry(name);
    MemorySegment parameters = MemorySegment.ofArray(new byte[entry.parameterBytes()]);
    List<PtxParameter> declared = entry.parameters();
    for (int i = 0; i < arguments.length; i++) {
      int at = declared.get(i).offset();
      switch (arguments[i]) {
        case Long x -> parameters.set(ValueLayout.JAVA_LONG_UNALIGNED, at, x);
        case Integer x -> parameters.set(ValueLayout.JAVA_INT_UNALIGNED, at, x);
        case Float x -> parameters.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, x);
        default -> throw new IllegalArgumentException("argument " + arguments[i]);
      }
    }
    new PtxMachine(memory, options).launch(entry, Dim3.of(grid), Dim3.of(block), 0, parameters);
  }

  private long upload(MemorySegment from) {
    long address = memory.allocate(from.byteSize());
    memory.write(address, from, from.byteSize());
    return address;
  }

  private long upload(float... values) {
    return upload(MemorySegment.ofArray(values));
  }

  private float[] floats(long address, int count) {
    float[] values = new float[count];
    memory.read(address, MemorySegment.ofArray(values), 4L * count);
    return values;
  }

  private float[] normal(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static String at(int i) {
    return "element " + i + ", seed " + Lab.SEED;
  }

  @ParameterizedTest
  @MethodSource("options")
  void normsRows(PtxOptions options) {
    int n = 300 + random.nextInt(300);
    float[] x = normal(3 * n);
    float[] w = normal(n);
    long y = memory.allocate(12L * n);
    launch(options, "rms_norm", 3, 128, upload(x), upload(w), y, n, 1e-5f);
    float[] results = floats(y, 3 * n);
    for (int row = 0; row < 3; row++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += (double) x[row * n + i] * x[row * n + i];
      }
      double scale = 1 / Math.sqrt(sum / n + 1e-5);
      for (int i = row * n; i < row * n + n; i++) {
        double expected = x[i] * scale * w[i - row * n];
        assertEquals(expected, results[i], 1e-5 * Math.abs(expected) + 1e-9, at(i));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void takesTheSoftMaximum(PtxOptions options) {
    int n = 1 + random.nextInt(1000);
    float[] x = normal(n);
    long y = memory.allocate(4L * n);
    launch(options, "soft_max", 1, 96, upload(x), y, n);
    float[] results = floats(y, n);
    double sum = 0;
    for (float v : x) {
      sum += Math.exp(v);
    }
    for (int i = 0; i < n; i++) {
      assertEquals(Math.exp(x[i]) / sum, results[i], 1e-5 * results[i], at(i));
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void multipliesQuantizedRows(PtxOptions options) {
    int rows = 21;
    int columns = 32 * (1 + random.nextInt(80));
    byte[] codes = new byte[rows * columns];
    byte[] x = new byte[columns];
    random.nextBytes(codes);
    random.nextBytes(x);
    float[] xs = normal(columns / 32);
    short[] scales = new short[rows * columns / 32];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Float.floatToFloat16(random.nextFloat());
    }
    long y = memory.allocate(4L * rows);
    launch(
        options,
        "quantized_gemv",
        6,
        128,
        upload(MemorySegment.ofArray(codes)),
        upload(MemorySegment.ofArray(scales)),
        upload(MemorySegment.ofArray(x)),
        upload(xs),
        y,
        rows,
        columns);
    float[] results = floats(y, rows);
    for (int row = 0; row < rows; row++) {
      double sum = 0;
      double size = 0;
      for (int i = 0; i < columns; i++) {
        double scale = Float.float16ToFloat(scales[(row * columns + i) / 32]) * xs[i / 32];
        sum += scale * codes[row * columns + i] * x[i];
        size += Math.abs(scale * codes[row * columns + i] * x[i]);
      }
      assertEquals(sum, results[row], 1e-6 * size, at(row));
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void multipliesOnTensorCores(PtxOptions options) {
    int k = 16 * (1 + random.nextInt(8));
    short[] a = bfloats(16 * k);
    short[] b = bfloats(32 * k);
    long y = memory.allocate(4L * 16 * 32);
    launch(
        options,
        "tensor_gemm",
        1,
        128,
        upload(MemorySegment.ofArray(a)),
        upload(MemorySegment.ofArray(b)),
        y,
        k);
    float[] results = floats(y, 16 * 32);
    for (int i = 0; i < 16 * 32; i++) {
      double sum = 0;
      for (int j = 0; j < k; j++) {
        sum += Exact.bfloat(a[i / 32 * k + j]) * Exact.bfloat(b[i % 32 * k + j]);
      }
      assertEquals(sum, results[i], 1e-5 * k, at(i));
    }
  }

  private short[] bfloats(int count) {
    float[] values = normal(count);
    short[] result = new short[count];
    for (int i = 0; i < count; i++) {
      result[i] = (short) (Float.floatToRawIntBits(values[i]) >>> 16);
    }
    return result;
  }

  @ParameterizedTest
  @MethodSource("options")
  void switchesCallsAndDivides(PtxOptions options) {
    int n = 500;
    int[] table = {3, 1, 4, 1, 5, 9, 2, 6};
    float[] x = normal(n);
    for (int i = 0; i < n; i++) {
      x[i] *= i % 10 == 0 ? 1e6f : 5;
    }
    long divisor = 3L + random.nextInt(1000);
    long y = memory.allocate(8L * n);
    launch(options, "mixture", 4, 128, upload(x), y, divisor, n);
    double[] results = new double[n];
    memory.read(y, MemorySegment.ofArray(results), 8L * n);
    for (int i = 0; i < n; i++) {
      int j = (int) Math.abs(x[i]) & 7;
      double expected =
          switch (i % 5) {
            case 0 -> Math.sin(x[i]);
            case 1 -> (((0 * x[i] + 1) * (double) x[i] + 2) * x[i] + 3) * x[i] + 4;
            case 2 -> (long) (x[i] * 1e9f) / divisor;
            case 3 -> table[(i + j) % 8] * j;
            default -> Math.pow(Math.abs(x[i]) + 1.0, 1.5);
          };
      assertEquals(expected, results[i], 1e-6 * Math.abs(expected) + 1e-6, at(i));
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void computesInPackedHalves(PtxOptions options) {
    int n = 700;
    short[][] inputs = new short[3][2 * n];
    long[] addresses = new long[3];
    for (int i = 0; i < 3; i++) {
      float[] values = normal(2 * n);
      for (int j = 0; j < 2 * n; j++) {
        inputs[i][j] = Float.floatToFloat16(values[j]);
      }
      addresses[i] = upload(MemorySegment.ofArray(inputs[i]));
    }
    long y = memory.allocate(4L * n);
    long sums = upload(new float[6]);
    long counter = upload(new float[1]);
    launch(
        options,
        "packed_halves",
        5,
        64,
        addresses[0],
        addresses[1],
        addresses[2],
        y,
        sums,
        counter,
        n);
    short[] results = new short[2 * n];
    memory.read(y, MemorySegment.ofArray(results), 4L * n);
    double total = 0;
    for (int i = 0; i < 2 * n; i++) {
      double exact = Exact.half(inputs[0][i]) * Exact.half(inputs[1][i]) + Exact.half(inputs[2][i]);
      long rounded = exact <= 0 ? 0 : Exact.nearest(new java.math.BigDecimal(exact), Exact::half);
      assertEquals(rounded, results[i] & 0x7fff, at(i));
      total += Exact.half(rounded);
    }
    assertEquals(total, floats(sums, 1)[0], 1e-5 * total, "seed " + Lab.SEED);
  }
}
