package org.slmruntime.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slmruntime.tensor.DType;

class QuantFormatTest {
  private static final long SEED = 20260901;
  private static final int ELEMENTS = 4096;

  /** Relative root mean square error on normally distributed values, at most. */
  private static final Map<DType, Double> LARGEST_ERROR =
      Map.ofEntries(
          Map.entry(DType.F32, 0.0),
          Map.entry(DType.F16, 0.0003),
          Map.entry(DType.BF16, 0.002),
          Map.entry(DType.Q8_0, 0.006),
          Map.entry(DType.Q6_K, 0.0185),
          Map.entry(DType.Q5_K, 0.037),
          Map.entry(DType.Q5_1, 0.040),
          Map.entry(DType.Q5_0, 0.046),
          Map.entry(DType.Q4_K, 0.074),
          Map.entry(DType.IQ4_NL, 0.080),
          Map.entry(DType.IQ4_XS, 0.080),
          Map.entry(DType.Q4_1, 0.083),
          Map.entry(DType.Q4_0, 0.095),
          Map.entry(DType.Q3_K, 0.160),
          Map.entry(DType.Q2_K, 0.310));

  static Stream<DType> encodable() {
    return Arrays.stream(DType.values()).filter(t -> QuantFormats.encoder(t).isPresent());
  }

  @Test
  void everyFormatAnswersForItsOwnType() {
    assertEquals(LARGEST_ERROR.keySet(), Set.copyOf(encodable().toList()));
    for (QuantFormat format : QuantFormats.all()) {
      assertEquals(format, QuantFormats.of(format.type()).orElseThrow());
    }
  }

  /** A block of each format without an encoder, and some of its elements worked out by hand. */
  static Stream<Arguments> decodeOnly() {
    // 0x3c00 is 1 and 0x4000 is 2 in half precision.
    return Stream.of(
        Arguments.of(DType.Q1_0, "0040" + "05".repeat(16), new float[] {2, -2, 2, -2}),
        Arguments.of(DType.Q2_0, "0040" + "e4".repeat(16), new float[] {-2, 0, 2, 4}),
        Arguments.of(DType.TQ1_0, "56".repeat(52) + "003c", new float[] {0, 0, 0, 0}),
        Arguments.of(DType.TQ2_0, "00010206".repeat(16) + "003c", new float[] {-1, 0, 1, 1}),
        Arguments.of(DType.MXFP4, "80" + "01070f08".repeat(4), new float[] {1, 12, -12, 0}),
        Arguments.of(DType.NVFP4, "38387f00" + "01070f08".repeat(8), new float[] {.5f, 6, -6, 0}));
  }

  @ParameterizedTest
  @MethodSource("decodeOnly")
  void decodesBlocksWorkedOutByHand(DType type, String hex, float[] first) {
    MemorySegment block = MemorySegment.ofArray(HexFormat.of().parseHex(hex));
    assertEquals(type.blockBytes(), block.byteSize());
    float[] actual = new float[type.blockElements()];
    QuantFormats.of(type).orElseThrow().decode(block, 0, actual, 0, actual.length);
    for (int i = 0; i < first.length; i++) {
      // Plus zero: the sign of a zero is ggml's business (fixtures), not this test's.
      assertEquals(first[i], actual[i] + 0f, type + " element " + i);
    }
  }

  @Test
  void noFormatGoesUntested() {
    Set<DType> tested = new HashSet<>(LARGEST_ERROR.keySet());
    decodeOnly().forEach(a -> tested.add((DType) a.get()[0]));
    Set<DType> registered = new HashSet<>();
    QuantFormats.all().forEach(format -> registered.add(format.type()));
    assertEquals(registered, tested);
  }

  @ParameterizedTest
  @MethodSource("encodable")
  void losesNoMoreThanTheFormatMust(DType type) {
    float[] source = gauss(ELEMENTS);
    double error = rmsError(source, roundTrip(type, source), 0, ELEMENTS);
    assertTrue(error <= LARGEST_ERROR.get(type), type + ": error " + error + ", seed " + SEED);
  }

  @ParameterizedTest
  @MethodSource("encodable")
  void keepsZeros(DType type) {
    // Of either sign: ggml's scale of a zero block is -0 in two formats.
    for (float value : roundTrip(type, new float[ELEMENTS])) {
      assertEquals(0, Math.abs(value));
    }
  }

  @ParameterizedTest
  @MethodSource("encodable")
  void encodingWhatWasDecodedLosesAlmostNothingMore(DType type) {
    float[] once = roundTrip(type, gauss(ELEMENTS));
    double error = rmsError(once, roundTrip(type, once), 0, ELEMENTS);
    assertTrue(error <= LARGEST_ERROR.get(type) / 2, type + ": error " + error + ", seed " + SEED);
  }

  @ParameterizedTest
  @MethodSource("encodable")
  void worksAtAnyOffsetAndTouchesNothingElse(DType type) {
    int n = 512;
    float[] source = gauss(n + 3);
    int bytes = Math.toIntExact(type.byteSize(n));
    byte[] shifted = new byte[bytes + 10];
    Arrays.fill(shifted, (byte) 0x5a);
    byte[] plain = new byte[bytes];
    QuantEncoder format = QuantFormats.encoder(type).orElseThrow();
    format.encode(source, 3, n, MemorySegment.ofArray(shifted), 5);
    format.encode(Arrays.copyOfRange(source, 3, n + 3), 0, n, MemorySegment.ofArray(plain), 0);
    assertArrayEquals(plain, Arrays.copyOfRange(shifted, 5, 5 + bytes));
    for (int i = 0; i < 5; i++) {
      assertEquals(0x5a, shifted[i]);
      assertEquals(0x5a, shifted[shifted.length - 1 - i]);
    }
    float[] expected = new float[n];
    format.decode(MemorySegment.ofArray(plain), 0, expected, 0, n);
    float[] target = new float[n + 9];
    Arrays.fill(target, 7);
    format.decode(MemorySegment.ofArray(shifted), 5, target, 4, n);
    assertArrayEquals(expected, Arrays.copyOfRange(target, 4, n + 4));
    assertEquals(7, target[3]);
    assertEquals(7, target[n + 4]);
  }

  @ParameterizedTest
  @MethodSource("encodable")
  void survivesExtremeValues(DType type) {
    float[] extremes = {
      Float.NaN, Float.POSITIVE_INFINITY, -Float.MAX_VALUE, Float.MIN_VALUE, -0f, 1e-30f, 70000f, -3
    };
    float[] source = new float[512];
    for (int i = 0; i < source.length; i++) {
      source[i] = extremes[i * 7 / 3 % extremes.length];
    }
    assertEquals(512, roundTrip(type, source).length);
    Arrays.fill(source, 3.25f);
    assertTrue(rmsError(source, roundTrip(type, source), 0, 512) < 0.02, type + ": a constant row");
  }

  static float[] roundTrip(DType type, float[] source) {
    MemorySegment blocks =
        MemorySegment.ofArray(new byte[Math.toIntExact(type.byteSize(source.length))]);
    QuantEncoder format = QuantFormats.encoder(type).orElseThrow();
    format.encode(source, 0, source.length, blocks, 0);
    float[] decoded = new float[source.length];
    format.decode(blocks, 0, decoded, 0, decoded.length);
    return decoded;
  }

  /** Relative root mean square of the difference over part of two vectors; 0/0 is 0. */
  static double rmsError(float[] wanted, float[] actual, int from, int n) {
    double error = 0;
    double size = 0;
    for (int i = from; i < from + n; i++) {
      error += Math.pow((double) wanted[i] - actual[i], 2);
      size += Math.pow(wanted[i], 2);
    }
    return error == 0 ? 0 : Math.sqrt(error / size);
  }

  private static float[] gauss(int n) {
    Random random = new Random(SEED);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
