package org.slmruntime.gpuparity;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.cuda.driver.Grid;

/** Attention of an 8B model: 32 heads, 8 of keys and values, 128 wide. */
final class AttentionSpeed {
  private static final int HEADS = 32;
  private static final int KV_HEADS = 8;
  private static final int SIZE = 128;

  private final Sizes sizes;

  AttentionSpeed(Sizes sizes) {
    this.sizes = sizes;
  }

  /** One token over a context. */
  Measurement decode(Lab lab, String type, int context, int splits) {
    SplittableRandom random = new SplittableRandom(1);
    DeviceCache cache = DeviceCache.make(lab, type, KV_HEADS, SIZE, SIZE, 1, context);
    cache.fill(lab, 0, context, random);
    Attention attention = new Attention(cache, HEADS, 1, splits);
    long q = LinearCases.activations(lab, 1, HEADS * SIZE, random);
    long sequences = lab.upload(0);
    long positions = lab.upload(context - 1);
    long partial = lab.allocate(attention.partialBytes());
    String entry = "attention_" + type + "_" + SIZE;
    Launch launch =
        lab.bind(
            entry,
            attention.grid(),
            a ->
                attention
                    .into(a, q, partial)
                    .set("sequences", sequences)
                    .set("positions", positions));
    double micros = time(lab, launch, sizes.nodes());
    double bytes = (double) cache.bytesOfKeys() + cache.bytesOfValues();
    String shape = context + " tokens of context, " + splits + " splits";
    return new Measurement(entry, shape, micros, bytes, 0);
  }

  /** Adding up what the splits of one token's context gave. */
  Measurement combine(Lab lab, int splits) {
    DeviceCache cache = DeviceCache.make(lab, "f16", KV_HEADS, SIZE, SIZE, 1, 1);
    Attention attention = new Attention(cache, HEADS, 1, splits);
    long partial = lab.zeros(attention.partialBytes());
    long y = lab.allocate(4L * HEADS * SIZE);
    Launch launch =
        lab.bind(
            "attention_combine", attention.combineGrid(), a -> attention.combine(a, partial, y));
    return new Measurement(
        "attention_combine", splits + " splits", time(lab, launch, sizes.nodes()), 0, 0);
  }

  /** A whole prompt at once. */
  Measurement prefill(Lab lab, String type) {
    int tokens = 4 * sizes.tokens();
    SplittableRandom random = new SplittableRandom(1);
    DeviceCache cache = DeviceCache.make(lab, type, KV_HEADS, SIZE, SIZE, 1, tokens);
    cache.fill(lab, 0, tokens, random);
    long q = LinearCases.activations(lab, tokens, HEADS * SIZE, random);
    int[] tiles = tiles(tokens);
    long list = lab.upload(tiles);
    long y = lab.allocate(4L * tokens * HEADS * SIZE);
    String entry = "attention_prefill_" + type + "_" + SIZE;
    Launch launch =
        lab.bind(
            entry,
            Attention.prefillGrid(tiles.length / 4, HEADS),
            a ->
                cache
                    .into(a)
                    .set("q", q)
                    .set("q_stride", HEADS * SIZE)
                    .set("tiles", list)
                    .set("y", y)
                    .set("y_stride", HEADS * SIZE)
                    .set("heads", HEADS)
                    .set("scale", (float) (1 / Math.sqrt(SIZE))));
    double operations = 4.0 * tokens * (tokens / 2.0) * HEADS * SIZE;
    return new Measurement(entry, tokens + " tokens", time(lab, launch, 3), 0, operations);
  }

  private static int[] tiles(int tokens) {
    int count = Math.ceilDiv(tokens, 64);
    int[] tiles = new int[4 * count];
    for (int i = 0; i < count; i++) {
      int first = 64 * i;
      int[] tile = {first, Math.min(64, tokens - first), 0, first};
      System.arraycopy(tile, 0, tiles, 4 * i, 4);
    }
    return tiles;
  }

  /** The longer contexts fit no cache; the shortest shows what is left of the launch. */
  private double time(Lab lab, Launch launch, int count) {
    List<Launch> launches = Collections.nCopies(count, launch);
    return new Stopwatch(lab, sizes.repeats()).graph(launches);
  }

  /** Rotating one token and appending it to the cache: what a launch costs. */
  Measurement append(Lab lab, String type) {
    SplittableRandom random = new SplittableRandom(1);
    DeviceCache cache = DeviceCache.make(lab, type, KV_HEADS, SIZE, SIZE, 1, 64);
    long q = LinearCases.activations(lab, 1, HEADS * SIZE, random);
    long kv = LinearCases.activations(lab, 2, KV_HEADS * SIZE, random);
    float[] angle = new float[SIZE];
    Arrays.fill(angle, 0.5f);
    long angles = lab.upload(angle);
    long zero = lab.upload(0);
    Grid grid = cache.grid(1, HEADS);
    Launch launch =
        lab.bind(
            "append_" + type,
            grid,
            a ->
                cache
                    .appended(a, kv, kv + 4L * KV_HEADS * SIZE)
                    .set("q", q)
                    .set("q_stride", HEADS * SIZE)
                    .set("angles", angles)
                    .set("pairs", SIZE / 2)
                    .set("heads", HEADS)
                    .set("sequences", zero)
                    .set("positions", zero));
    return new Measurement(
        "append_" + type, "one token, 32 + 8 heads of 128", time(lab, launch, sizes.nodes()), 0, 0);
  }
}
