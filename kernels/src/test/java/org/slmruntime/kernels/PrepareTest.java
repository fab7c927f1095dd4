package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slmruntime.ptx.Dim3;

class PrepareTest {
  private static final float EPSILON = 1e-5f;
  private static final float SMALLEST_BF16 = 0x1p-133f;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final KernelLab lab = new KernelLab(seed);

  @AfterEach
  void close() {
    lab.close();
  }

  /** What prepare_int16 writes. */
  private record Integers(byte[] codes, float[] scales, float[] sums) {
    int code(int tokens, int columns, int at) {
      return 256 * codes[at] + codes[tokens * columns + at];
    }
  }

  /** By any number of blocks a token. */
  private Integers integers(float[] x, int stride, float[] norm, int columns) {
    return integers(x, stride, norm, columns, 1 + random.nextInt(3));
  }

  private Integers integers(float[] x, int stride, float[] norm, int columns, int blocks) {
    int tokens = x.length / stride;
    long codes = lab.allocate(2L * tokens * columns);
    long scales = lab.allocate(tokens * columns / 8);
    long sums = lab.allocate(tokens * columns / 4);
    long weight = norm.length == 0 ? 0 : lab.upload(norm);
    Object[] arguments = {
      lab.upload(x), stride, weight, EPSILON, codes, scales, sums, columns, tokens
    };
    lab.launch("prepare_int16", new Dim3(tokens, blocks, 1), Dim3.of(256), arguments);
    return new Integers(
        lab.bytes(codes, 2 * tokens * columns),
        lab.floats(scales, tokens * columns / 32),
        lab.floats(sums, tokens * columns / 16));
  }

  @Test
  void roundsTo16BitsPerGroupOf32() {
    int tokens = 3;
    int columns = 352;
    int stride = columns + 3;
    float[] x = Products.gaussians(tokens * stride, random);
    Integers actual = integers(x, stride, new float[0], columns);
    for (int at = 0; at < tokens * columns; at += 32) {
      int from = at / columns * stride + at % columns;
      checkGroup(Arrays.copyOfRange(x, from, from + 32), actual, tokens, columns, at);
    }
  }

  private void checkGroup(float[] group, Integers actual, int tokens, int columns, int at) {
    float maximum = 0;
    for (float value : group) {
      maximum = Math.max(maximum, Math.abs(value));
    }
    float scale = maximum / 32512;
    assertEquals(scale, actual.scales[at / 32], message());
    int[] sums = new int[2];
    for (int i = 0; i < 32; i++) {
      int code = (int) Math.rint(group[i] / scale);
      assertEquals(code, actual.code(tokens, columns, at + i), message());
      sums[i / 16] += code;
    }
    assertEquals(scale * sums[0], actual.sums[at / 16], message());
    assertEquals(scale * sums[1], actual.sums[at / 16 + 1], message());
  }

  @Test
  void keepsZerosTinyValuesAndWhatIsNotANumberApart() {
    float[] x = Products.gaussians(128, random);
    Arrays.fill(x, 0, 32, 0);
    for (int i = 32; i < 64; i++) {
      x[i] = Float.MIN_VALUE * random.nextInt(100_000);
    }
    x[64 + random.nextInt(32)] = Float.NaN;
    Integers actual = integers(x, 128, new float[0], 128);
    assertEquals(0, actual.scales[0], message());
    assertArrayEquals(new byte[32], Arrays.copyOf(actual.codes, 32), message());
    for (int i = 32; i < 64; i++) {
      float value = actual.scales[1] * actual.code(1, 128, i);
      // The scale itself is coarse there.
      assertEquals(x[i], value, 0.2f * 100_000 * Float.MIN_VALUE, message());
    }
    assertTrue(Float.isNaN(actual.scales[2]) && Float.isNaN(actual.sums[4]), message());
    assertTrue(actual.scales[3] > 0, message());
  }

  @Test
  void normalizesTheWholeRowFirst() {
    int tokens = 2;
    int columns = 608;
    float[] x = Products.gaussians(tokens * columns, random);
    float[] norm = Products.gaussians(columns, random);
    double[] expected = normalized(x, norm, columns);
    Integers integers = integers(x, columns, norm, columns);
    float[] plain = plain(x, norm, columns);
    float[] bf16 = bf16(x, norm, columns);
    float[] splitF16 = split("f16", x, norm, columns);
    float[] splitBf16 = split("bf16", x, norm, columns);
    for (int i = 0; i < expected.length; i++) {
      double size = Math.abs(expected[i]);
      double rounded = integers.scales[i / 32] * (double) integers.code(tokens, columns, i);
      assertEquals(expected[i], rounded, 0.51 * integers.scales[i / 32], message());
      assertEquals(expected[i], plain[i], 4e-7 * size, message());
      assertEquals(expected[i], bf16[i], size / 256, message());
      assertEquals(expected[i], splitF16[i], 1e-6 * size + 1e-9, message());
      assertEquals(expected[i], splitBf16[i], 1.0 / (1 << 16) * size, message());
    }
  }

  private static double[] normalized(float[] x, float[] norm, int columns) {
    double[] y = new double[x.length];
    for (int from = 0; from < x.length; from += columns) {
      double squares = 0;
      for (int i = 0; i < columns; i++) {
        squares += (double) x[from + i] * x[from + i];
      }
      double inverse = 1 / Math.sqrt(squares / columns + EPSILON);
      for (int i = 0; i < columns; i++) {
        y[from + i] = x[from + i] * inverse * norm[i];
      }
    }
    return y;
  }

  private float[] plain(float[] x, float[] norm, int columns) {
    long out = lab.allocate(4L * x.length);
    Object[] arguments = {lab.upload(x), columns, lab.upload(norm), EPSILON, out, columns};
    lab.launch("prepare_f32", Dim3.of(x.length / columns), Dim3.of(256), arguments);
    return lab.floats(out, x.length);
  }

  private float[] bf16(float[] x, float[] norm, int columns) {
    long out = lab.allocate(2L * x.length);
    Object[] arguments = {lab.upload(x), columns, lab.upload(norm), EPSILON, out, columns};
    lab.launch("prepare_bf16", Dim3.of(x.length / columns), Dim3.of(256), arguments);
    return numbers(out, x.length, "bf16");
  }

  private float[] numbers(long address, int count, String type) {
    float[] values = new float[count];
    byte[] bytes = lab.bytes(address, 2 * count);
    for (int i = 0; i < count; i++) {
      short bits = (short) (bytes[2 * i] & 255 | bytes[2 * i + 1] << 8);
      values[i] =
          type.equals("f16") ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
    }
    return values;
  }

  /** Both parts of each value put together; checks the padding and the size of the parts. */
  private float[] split(String type, float[] x, float[] norm, int columns) {
    int tokens = x.length / columns;
    int pitch = Math.ceilDiv(columns, 8) * 8;
    long parts = lab.allocate(4L * tokens * pitch);
    long scales = lab.allocate(4L * tokens);
    long weight = norm.length == 0 ? 0 : lab.upload(norm);
    Object[] arguments = {lab.upload(x), columns, weight, EPSILON, parts, scales, columns, tokens};
    lab.launch("prepare_split_" + type, Dim3.of(tokens), Dim3.of(256), arguments);
    float[] all = numbers(parts, 2 * tokens * pitch, type);
    float[] factors = lab.floats(scales, tokens);
    float[] values = new float[x.length];
    for (int i = 0; i < tokens * pitch; i++) {
      float high = all[i];
      float low = all[tokens * pitch + i];
      if (i % pitch < columns) {
        values[i / pitch * columns + i % pitch] = factors[i / pitch] * (high + low);
        assertTrue(type.equals("bf16") || Math.abs(high) <= 4096, message());
      } else {
        assertTrue(high == 0 && low == 0, message());
      }
    }
    return values;
  }

  @Test
  void splitsValuesOfAnySizeAndPadsWithZeros() {
    int columns = 77;
    for (float size : new float[] {1e-38f, 1e-9f, 1, 1e9f, 1e37f}) {
      float[] x = Products.gaussians(3 * columns, random);
      for (int i = 0; i < x.length; i++) {
        x[i] = i < columns ? 0 : x[i] * size;
      }
      float[] f16 = split("f16", x, new float[0], columns);
      float[] bf16 = split("bf16", x, new float[0], columns);
      for (int i = 0; i < x.length; i++) {
        float tiny = Math.max(SMALLEST_BF16, size * 1e-10f);
        assertEquals(x[i], f16[i], Math.abs(x[i]) / (1 << 21) + tiny, message());
        assertEquals(x[i], bf16[i], Math.abs(x[i]) / (1 << 16) + tiny, message());
      }
    }
  }

  private String message() {
    return "seed " + seed;
  }
}
