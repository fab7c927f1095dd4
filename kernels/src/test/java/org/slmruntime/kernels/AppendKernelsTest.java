package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.ptx.Dim3;

class AppendKernelsTest {
  private static final int BLOCKS = 6;
  private static final int TABLE_STRIDE = 4;
  private static final float EPSILON = 1e-5f;

  /** Two sequences, blocks in any order, and a token of padding between the others. */
  private static final int[] TABLES = {3, 0, 5, -1, 2, 4, 1, -1};

  private static final int[] SEQUENCES = {0, 1, 0, 0, 1};

  private static final byte UNTOUCHED = 0x5a;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  /** What differs from model to model. */
  private record Shape(
      int heads,
      int kvHeads,
      int keySize,
      int valueSize,
      boolean norm,
      int pairs,
      int pairing,
      int blockTokens) {
    int[] positions() {
      return new int[] {0, blockTokens, 3 * blockTokens - 1, -1, 2 * blockTokens + blockTokens / 2};
    }
  }

  @ParameterizedTest
  @EnumSource(CacheFormat.class)
  void storesKeysAndValuesOfCommonHeadSizes(CacheFormat cache) {
    check(cache, new Shape(6, 2, 64, 64, false, 32, 0, 16));
    check(cache, new Shape(4, 2, 128, 128, true, 64, 0, 16));
    check(cache, new Shape(3, 3, 80, 80, false, 10, 1, 16));
    check(cache, new Shape(0, 2, 96, 96, false, -1, 0, 16));
  }

  @ParameterizedTest
  @EnumSource(CacheFormat.class)
  void storesHeadsOfEverySize(CacheFormat cache) {
    check(cache, new Shape(1, 1, 1, 512, false, -1, 0, 16));
    check(cache, new Shape(2, 1, 512, 1, true, 256, 0, 1));
    check(cache, new Shape(3, 1, 33, 17, true, 16, 1, 32));
    for (int i = 0; i < 6; i++) {
      int keySize = 1 + random.nextInt(512);
      check(
          cache,
          new Shape(
              random.nextInt(4),
              1 + random.nextInt(3),
              keySize,
              1 + random.nextInt(512),
              random.nextBoolean(),
              random.nextInt(keySize / 2 + 2) - 1,
              random.nextInt(2),
              1 + random.nextInt(20)));
    }
  }

  private void check(CacheFormat cache, Shape shape) {
    int tokens = SEQUENCES.length;
    int heads = shape.heads;
    int kvHeads = shape.kvHeads;
    Rows q = Rows.random(random, tokens, heads * shape.keySize, 2);
    Rows k = Rows.random(random, tokens, kvHeads * shape.keySize, 2);
    Rows v = Rows.random(random, tokens, kvHeads * shape.valueSize, 2);
    float[] qNorm = Rows.random(random, 1, shape.keySize, 1).values();
    float[] kNorm = Rows.random(random, 1, shape.keySize, 1).values();
    boolean rotated = shape.pairs >= 0;
    float[] angles = Rotation.angles(random, tokens, Math.max(0, shape.pairs));
    String what = cache + ", " + shape + ", seed " + seed;
    byte[] keys = untouched(cache.chunkBytes(shape.keySize, shape.blockTokens) * kvHeads);
    byte[] values = untouched(cache.chunkBytes(shape.valueSize, shape.blockTokens) * kvHeads);
    try (KernelLab lab = new KernelLab(seed)) {
      long qs = heads == 0 ? 0 : lab.upload(q.values());
      long ks = lab.upload(k.values());
      long cachedKeys = lab.upload(keys);
      long cachedValues = lab.upload(values);
      lab.launch(
          "append_" + cache.suffix(),
          new Dim3(tokens, Math.ceilDiv(heads + 2 * kvHeads, 4), 1),
          new Dim3(32, 4, 1),
          qs,
          q.stride(),
          ks,
          k.stride(),
          lab.upload(v.values()),
          v.stride(),
          shape.norm ? lab.upload(qNorm) : 0L,
          shape.norm ? lab.upload(kNorm) : 0L,
          EPSILON,
          rotated ? lab.upload(angles) : 0L,
          Math.max(0, shape.pairs),
          shape.pairing,
          heads,
          kvHeads,
          shape.keySize,
          shape.valueSize,
          cachedKeys,
          cachedValues,
          lab.upload(TABLES),
          TABLE_STRIDE,
          lab.upload(SEQUENCES),
          lab.upload(shape.positions()),
          shape.blockTokens);
      Rotation rotation = new Rotation(angles, Math.max(0, shape.pairs), shape.pairing);
      if (heads > 0) {
        Rows changed = q.with(lab.floats(qs, q.values().length));
        changed.check(prepared(shape, q, qNorm, rotation), 2e-6, 4e-6, "q of " + what);
      }
      Rows changed = k.with(lab.floats(ks, k.values().length));
      changed.check(prepared(shape, k, kNorm, rotation), 2e-6, 4e-6, "k of " + what);
      put(cache, shape, changed, shape.keySize, keys);
      assertArrayEquals(keys, lab.bytes(cachedKeys, keys.length), "keys of " + what);
      put(cache, shape, v, shape.valueSize, values);
      assertArrayEquals(values, lab.bytes(cachedValues, values.length), "values of " + what);
    }
  }

  /** Heads after norm and rope; those of padding as they were. */
  private static Rows.Element prepared(Shape shape, Rows x, float[] norm, Rotation rotation) {
    int size = shape.keySize;
    return (token, i) -> {
      if (shape.positions()[token] < 0) {
        return x.at(token, i);
      }
      int start = i / size * size;
      double inverse = shape.norm ? inverseRms(x, token, start, size) : 1;
      return rotation.at(
          token, i - start, j -> x.at(token, start + j) * inverse * (shape.norm ? norm[j] : 1));
    };
  }

  private static double inverseRms(Rows x, int token, int start, int size) {
    double squares = 0;
    for (int i = 0; i < size; i++) {
      squares += (double) x.at(token, start + i) * x.at(token, start + i);
    }
    return 1 / Math.sqrt(squares / size + EPSILON);
  }

  /** What the cache must hold bit for bit, given the rows that were appended. */
  private static void put(CacheFormat cache, Shape shape, Rows x, int size, byte[] chunks) {
    int[] positions = shape.positions();
    for (int token = 0; token < positions.length; token++) {
      for (int head = 0; head < shape.kvHeads && positions[token] >= 0; head++) {
        int at = token * x.stride() + head * size;
        int slot = SEQUENCES[token] * TABLE_STRIDE + positions[token] / shape.blockTokens;
        float[] row = Arrays.copyOfRange(x.values(), at, at + size);
        int chunk =
            (TABLES[slot] * shape.kvHeads + head) * cache.chunkBytes(size, shape.blockTokens);
        int place = positions[token] % shape.blockTokens;
        copy(cache.row(row), chunks, chunk + cache.rowAt(place, size));
        copy(cache.scales(row), chunks, chunk + cache.scalesAt(place, size, shape.blockTokens));
      }
    }
  }

  private static void copy(byte[] from, byte[] to, int at) {
    System.arraycopy(from, 0, to, at, from.length);
  }

  /** Blocks that nobody has appended to. */
  private static byte[] untouched(int bytesOfBlock) {
    byte[] bytes = new byte[BLOCKS * bytesOfBlock];
    Arrays.fill(bytes, UNTOUCHED);
    return bytes;
  }
}
