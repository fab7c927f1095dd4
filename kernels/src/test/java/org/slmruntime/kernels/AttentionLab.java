package org.slmruntime.kernels;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.slmruntime.ptx.Counters;
import org.slmruntime.ptx.Dim3;

/** A cache full of random keys and values, and the attention kernels over it. */
final class AttentionLab {
  static final int THREADS = 128;
  private static final int MOST_HEADS_OF_A_BLOCK = 8;

  /** What does not change from token to token. */
  record Shape(
      CacheFormat format, int heads, int kvHeads, int keySize, int valueSize, int blockTokens) {
    static Shape of(CacheFormat format, int heads, int kvHeads, int size, int blockTokens) {
      return new Shape(format, heads, kvHeads, size, size, blockTokens);
    }

    int group() {
      return heads / kvHeads;
    }
  }

  /**
   * @param window 0 for all
   * @param softcap 0 for none
   * @param sinks null for none
   */
  record Options(float softcap, int window, float[] sinks) {
    static final Options PLAIN = new Options(0, 0, null);

    Options withWindow(int tokens) {
      return new Options(softcap, tokens, sinks);
    }
  }

  /** Queries and where they stand; padding has position -1. */
  record Tokens(int[] sequences, int[] positions, float[] queries) {
    int count() {
      return positions.length;
    }

    Tokens only(int token, int width) {
      float[] row = new float[width];
      System.arraycopy(queries, token * width, row, 0, width);
      return new Tokens(new int[] {sequences[token]}, new int[] {positions[token]}, row);
    }
  }

  private final KernelLab lab;
  private final Random random;
  final Shape shape;
  final CacheRegion keyRegion;
  final CacheRegion valueRegion;
  private final int[][] tables;
  private final float[][][] keys;
  private final float[][][] values;
  private final int tableStride;
  private final long tableAddress;
  private float scale;
  private Counters counters;

  /**
   * @param contexts cached positions of each sequence
   */
  AttentionLab(KernelLab lab, Random random, Shape shape, int... contexts) {
    this.lab = lab;
    this.random = random;
    this.shape = shape;
    this.scale = (float) (1 / Math.sqrt(shape.keySize));
    this.tables = drawTables(contexts);
    int blocks = 2;
    int longest = 0;
    for (int[] table : tables) {
      blocks += table.length;
      longest = Math.max(longest, table.length);
    }
    keyRegion =
        new CacheRegion(lab, shape.format, blocks, shape.kvHeads, shape.keySize, shape.blockTokens);
    valueRegion =
        new CacheRegion(
            lab, shape.format, blocks, shape.kvHeads, shape.valueSize, shape.blockTokens);
    keys = fill(keyRegion, shape.keySize, contexts);
    values = fill(valueRegion, shape.valueSize, contexts);
    tableStride = longest + 3;
    int[] flat = new int[tables.length * tableStride];
    for (int s = 0; s < tables.length; s++) {
      System.arraycopy(tables[s], 0, flat, s * tableStride, tables[s].length);
    }
    tableAddress = lab.upload(flat);
  }

  /** Gives every sequence blocks from all over the region. */
  private int[][] drawTables(int[] contexts) {
    List<Integer> free = new ArrayList<>();
    int[][] drawn = new int[contexts.length][];
    int blocks = 2;
    for (int s = 0; s < contexts.length; s++) {
      drawn[s] = new int[Math.ceilDiv(contexts[s], shape.blockTokens)];
      blocks += drawn[s].length;
    }
    for (int b = 0; b < blocks; b++) {
      free.add(b);
    }
    Collections.shuffle(free, random);
    for (int[] table : drawn) {
      for (int i = 0; i < table.length; i++) {
        table[i] = free.removeLast();
      }
    }
    return drawn;
  }

  private float[][][] fill(CacheRegion region, int size, int[] contexts) {
    float[][][] stored = new float[contexts.length][][];
    for (int s = 0; s < contexts.length; s++) {
      stored[s] = new float[contexts[s] * shape.kvHeads][];
      for (int i = 0; i < stored[s].length; i++) {
        int position = i / shape.kvHeads;
        int block = tables[s][position / shape.blockTokens];
        int row = position % shape.blockTokens;
        stored[s][i] = region.store(block, i % shape.kvHeads, row, gaussians(size));
      }
    }
    return stored;
  }

  float[] gaussians(int count) {
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  Tokens tokens(int[] sequences, int[] positions) {
    return new Tokens(
        sequences, positions, gaussians(positions.length * shape.heads * shape.keySize));
  }

  /** Instead of the reciprocal root of the head size. */
  void setScale(float scale) {
    this.scale = scale;
  }

  /** What the last decode or prefill launch did, without combining. */
  Counters counters() {
    return counters;
  }

  /** The kernel for the shape's sizes. */
  String decodeEntry() {
    boolean special =
        shape.keySize == shape.valueSize
            && (shape.keySize == 64 || shape.keySize == 128 || shape.keySize == 256);
    return decodeEntry(special ? "" + shape.keySize : "any");
  }

  String decodeEntry(String size) {
    return "attention_" + shape.format.suffix() + "_" + size;
  }

  /** Results [token][head][value]. */
  float[] decode(String entry, Tokens tokens, Options options, int splits) {
    int qStride = shape.heads * shape.keySize + 3;
    int width = shape.valueSize + 2;
    long partial = lab.allocate(4L * tokens.count() * shape.heads * splits * width);
    int parts = Math.ceilDiv(shape.group(), MOST_HEADS_OF_A_BLOCK);
    counters =
        lab.launch(
            entry,
            new Dim3(splits, shape.kvHeads * parts, tokens.count()),
            Dim3.of(THREADS),
            lab.upload(spread(tokens.queries, tokens.count(), qStride)),
            qStride,
            keyRegion.address(),
            valueRegion.address(),
            tableAddress,
            tableStride,
            lab.upload(tokens.sequences),
            lab.upload(tokens.positions),
            partial,
            shape.heads,
            shape.kvHeads,
            shape.keySize,
            shape.valueSize,
            shape.blockTokens,
            scale,
            options.softcap,
            options.window);
    int yStride = shape.heads * shape.valueSize + 1;
    long y = lab.allocate(4L * tokens.count() * yStride);
    lab.launch(
        "attention_combine",
        new Dim3(shape.heads, tokens.count(), 1),
        Dim3.of(THREADS),
        partial,
        options.sinks == null ? 0L : lab.upload(options.sinks),
        y,
        yStride,
        shape.heads,
        shape.valueSize,
        splits);
    return gather(y, tokens.count(), yStride);
  }

  /** Results [token][head][value]; tiles are {first token, tokens, sequence, position}. */
  float[] prefill(Tokens tokens, Options options, int[]... tiles) {
    int qStride = shape.heads * shape.keySize + 3;
    int yStride = shape.heads * shape.valueSize + 1;
    long y = lab.allocate(4L * tokens.count() * yStride);
    int[] flat = new int[4 * tiles.length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = tiles[i / 4][i % 4];
    }
    counters =
        lab.launch(
            "attention_prefill_" + shape.format.suffix() + "_" + shape.keySize,
            new Dim3(tiles.length, shape.heads, 1),
            Dim3.of(THREADS),
            lab.upload(spread(tokens.queries, tokens.count(), qStride)),
            qStride,
            keyRegion.address(),
            valueRegion.address(),
            tableAddress,
            tableStride,
            lab.upload(flat),
            options.sinks == null ? 0L : lab.upload(options.sinks),
            y,
            yStride,
            shape.heads,
            shape.kvHeads,
            shape.blockTokens,
            scale,
            options.softcap,
            options.window);
    return gather(y, tokens.count(), yStride);
  }

  private static float[] spread(float[] rows, int count, int stride) {
    float[] spread = new float[count * stride];
    int width = rows.length / count;
    for (int i = 0; i < count; i++) {
      System.arraycopy(rows, i * width, spread, i * stride, width);
    }
    return spread;
  }

  private float[] gather(long y, int count, int stride) {
    int width = shape.heads * shape.valueSize;
    float[] rows = new float[count * width];
    for (int i = 0; i < count; i++) {
      System.arraycopy(lab.floats(y + 4L * i * stride, width), 0, rows, i * width, width);
    }
    return rows;
  }

  /** The same in double precision over the cache's rounded values. */
  double[] expected(Tokens tokens, Options options) {
    double[] y = new double[tokens.count() * shape.heads * shape.valueSize];
    for (int t = 0; t < tokens.count(); t++) {
      for (int head = 0; head < shape.heads && tokens.positions[t] >= 0; head++) {
        attend(tokens, options, t, head, y);
      }
    }
    return y;
  }

  private void attend(Tokens tokens, Options options, int token, int head, double[] y) {
    int last = tokens.positions[token];
    int first = options.window > 0 ? Math.max(0, last - options.window + 1) : 0;
    int sequence = tokens.sequences[token];
    int kvHead = head / shape.group();
    double[] scores = new double[last - first + 1];
    double highest = options.sinks == null ? Double.NEGATIVE_INFINITY : options.sinks[head];
    for (int p = first; p <= last; p++) {
      float[] key = keys[sequence][p * shape.kvHeads + kvHead];
      double dot = 0;
      for (int i = 0; i < key.length; i++) {
        dot += (double) tokens.queries[(token * shape.heads + head) * key.length + i] * key[i];
      }
      scores[p - first] = capped(dot * scale, options.softcap);
      highest = Math.max(highest, scores[p - first]);
    }
    double total = options.sinks == null ? 0 : Math.exp(options.sinks[head] - highest);
    int at = (token * shape.heads + head) * shape.valueSize;
    for (int p = first; p <= last; p++) {
      float[] value = values[sequence][p * shape.kvHeads + kvHead];
      double weight = Math.exp(scores[p - first] - highest);
      total += weight;
      for (int i = 0; i < value.length; i++) {
        y[at + i] += weight * value[i];
      }
    }
    for (int i = 0; i < shape.valueSize; i++) {
      y[at + i] /= total;
    }
  }

  private static double capped(double score, float softcap) {
    return softcap > 0 ? softcap * Math.tanh(score / softcap) : score;
  }

  /** The root of the mean square error, relative to that of the values themselves. */
  static double relativeError(double[] expected, float[] actual) {
    double error = 0;
    double square = 0;
    for (int i = 0; i < expected.length; i++) {
      error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      square += expected[i] * expected[i];
    }
    return Math.sqrt(error / square);
  }
}
