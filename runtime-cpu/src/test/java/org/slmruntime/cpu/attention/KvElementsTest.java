package org.slmruntime.cpu.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.slmruntime.cpu.vector.Lanes.COUNT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/** What the cache's element types store and how they multiply. */
class KvElementsTest {
  private static final int PAIR = 2 * COUNT;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "Q8_0"})
  void storesKeysAsTheFormatSays(DType type) {
    for (int size : new int[] {32, 64, 160}) {
      KvLayout layout = new KvLayout(type, size, size, PAIR);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment data = arena.allocate(layout.keyBytes(), 64);
        float[][] keys = new float[PAIR][];
        for (int slot = 0; slot < PAIR; slot++) {
          keys[slot] = values(size);
          store(layout, data, slot, keys[slot]);
        }
        float[] panel = panel(layout, data);
        for (int slot = 0; slot < PAIR; slot++) {
          float[] read = new float[size];
          for (int k = 0; k < size; k++) {
            read[k] = panel[k * PAIR + slot] * factor(layout, data, slot, k);
          }
          assertArrayEquals(decoded(type, keys[slot]), read, "size " + size + ", seed " + seed);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "Q8_0"})
  void multipliesAlikeWithAndWithoutPanels(DType type) {
    int size = 32 * (1 + random.nextInt(4));
    KvLayout layout = new KvLayout(type, size, size, PAIR);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(layout.keyBytes(), 64);
      for (int slot = 0; slot < PAIR; slot++) {
        store(layout, data, slot, values(size));
      }
      float[] x = new float[12 * size];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextGaussian();
      }
      float[] some = new float[12 * PAIR];
      float[] many = new float[12 * PAIR];
      for (int q = 0; q < 12; q += 4) {
        KvElements.of(type)
            .multiply4(
                data,
                0,
                layout.keyGroupBytes(),
                layout.keyRowBytes(),
                layout.keyRows(),
                x,
                q * size,
                size,
                some,
                q * PAIR,
                PAIR);
      }
      KvPanels.multiply(panel(layout, data), size, 12, x, 0, size, many, 0, PAIR);
      assertArrayEquals(some, many, "seed " + seed);
      for (int q = 0; q < 12; q++) {
        double expected = 0;
        float[] panel = panel(layout, data);
        for (int k = 0; k < size; k++) {
          expected += (double) x[q * size + k] * panel[k * PAIR + 3];
        }
        double scale = type == DType.F16 ? 0x1p112 : 1;
        double tolerance = type == DType.Q8_0 ? 0.02 : 1e-4;
        assertEquals(expected * scale, many[q * PAIR + 3] * scale, tolerance, "seed " + seed);
      }
    }
  }

  @Test
  void keepsNothingThatIsNotFiniteInHalves() {
    KvLayout layout = new KvLayout(DType.F16, 4, 4, PAIR);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(layout.keyBytes(), 64);
      store(layout, data, 1, new float[] {Float.POSITIVE_INFINITY, -1e30f, Float.NaN, 65504});
      float[] panel = panel(layout, data);
      assertEquals(0x1p16f, panel[1] * 0x1p112f);
      assertEquals(-0x1p16f, panel[PAIR + 1] * 0x1p112f);
      assertTrue(Float.isFinite(panel[2 * PAIR + 1] * 0x1p112f));
      assertEquals(65504, panel[3 * PAIR + 1] * 0x1p112f);
    }
  }

  @Test
  void readsGroupsThatAreNotFiniteAsZerosInBytes() {
    KvLayout layout = new KvLayout(DType.Q8_0, 64, 64, PAIR);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] key = values(64);
      key[32 + random.nextInt(32)] = bad;
      float[] finite = decoded(DType.Q8_0, Arrays.copyOf(key, 32));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment data = arena.allocate(layout.keyBytes(), 64);
        store(layout, data, 1, key);
        float[] panel = panel(layout, data);
        for (int k = 0; k < 64; k++) {
          float read = panel[k * PAIR + 1] * factor(layout, data, 1, k);
          assertEquals(k < 32 ? finite[k] : 0, read, bad + ", element " + k + ", seed " + seed);
        }
      }
    }
  }

  /** Of all magnitudes, so that halves are subnormal and zero, too. */
  private float[] values(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(10, -random.nextInt(9)));
    }
    return values;
  }

  private static void store(KvLayout layout, MemorySegment data, int slot, float[] key) {
    long group = (long) (slot / COUNT) * layout.keyGroupBytes();
    int lane = slot % COUNT;
    KvElements.of(layout.type())
        .put(
            key,
            0,
            key.length,
            data,
            group + lane * Integer.BYTES,
            layout.perWord(),
            layout.keyRowBytes(),
            group + layout.keyScalesAt() + lane * Short.BYTES,
            COUNT * Short.BYTES);
  }

  private static float[] panel(KvLayout layout, MemorySegment data) {
    float[] panel = new float[layout.keyElements() * PAIR];
    KvElements.of(layout.type())
        .unpack(data, 0, layout.keyGroupBytes(), layout.keyRowBytes(), layout.keyRows(), panel, 0);
    return panel;
  }

  /** What turns a stored element into its value. */
  private static float factor(KvLayout layout, MemorySegment data, int slot, int k) {
    if (layout.type() != DType.Q8_0) {
      return layout.type() == DType.F16 ? 0x1p112f : 1;
    }
    float[] scales = new float[COUNT];
    long group = (long) (slot / COUNT) * layout.keyGroupBytes() + layout.keyScalesAt();
    Scales.decode(data, group + k / KvLayout.SCALED * COUNT * Short.BYTES, COUNT, scales, 0);
    return scales[slot % COUNT];
  }

  /** What the format's own encoder and decoder make of it. */
  private static float[] decoded(DType type, float[] values) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(type.byteSize(values.length), 64);
      QuantFormats.encoder(type).orElseThrow().encode(values, 0, values.length, data, 0);
      float[] decoded = new float[values.length];
      QuantFormats.of(type).orElseThrow().decode(data, 0, decoded, 0, values.length);
      return decoded;
    }
  }
}
