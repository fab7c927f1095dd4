package org.slmruntime.cpu.attention;

import static org.slmruntime.cpu.vector.Lanes.COUNT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Products of a tile's queries with a piece of the cache: scores with its keys, weighted sums of
 * its values. Few queries are multiplied with the cache's elements as they are unpacked, many with
 * panels of elements unpacked once; the results are the same to the bit.
 */
final class PieceKernel {
  /** From so many queries on, unpacking once pays. */
  private static final int PANEL_QUERIES = 16;

  private static final int PAIR = 2 * COUNT;
  private static final int CACHE_LINE = 64;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private final AttentionShape shape;
  private final KvLayout layout;
  private final KvElements elements;
  private final MemorySegment data;

  PieceKernel(AttentionShape shape, KvCache cache) {
    this.shape = shape;
    this.layout = cache.layout();
    this.elements = cache.elements();
    this.data = cache.data();
  }

  /**
   * Scores against keys of the piece's blocks {@code firstBlock .. lastBlock}, up to {@code tokens}
   * of the last one; past them the scores are garbage.
   *
   * @param queries a multiple of four
   */
  void score(int queries, int firstBlock, int lastBlock, int tokens, AttentionScratch s) {
    int stride = shape.scoreStride();
    int first = firstBlock * layout.groups();
    int end = lastBlock * layout.groups() + Math.ceilDiv(tokens, COUNT);
    if (queries < PANEL_QUERIES) {
      touch(s.keysAt, firstBlock, lastBlock, (int) layout.keyBytes(), s);
    }
    for (int q = 0; q < queries; q++) {
      Arrays.fill(s.scores, q * stride + first * COUNT, q * stride + end * COUNT, 0);
    }
    for (int g = first; g < end; g += 2) {
      long k0 = groupAt(g, s);
      long k1 = g + 1 < end ? groupAt(g + 1, s) : k0;
      if (layout.scaled()) {
        scoreScaled(queries, k0, k1, g * COUNT, s);
      } else {
        scorePair(queries, k0, k1, g * COUNT, s);
      }
    }
  }

  private long groupAt(int group, AttentionScratch s) {
    int groups = layout.groups();
    return s.keysAt[group / groups] + (long) (group % groups) * layout.keyGroupBytes();
  }

  private void scorePair(int queries, long k0, long k1, int at, AttentionScratch s) {
    int rows = layout.keyRows();
    int rowBytes = layout.keyRowBytes();
    int n = layout.keyElements();
    int stride = shape.scoreStride();
    if (queries >= PANEL_QUERIES) {
      elements.unpack(data, k0, k1, rowBytes, rows, s.panel);
      PanelKernels.multiply(s.panel, 0, n, queries, s.queries, 0, n, s.scores, at, stride);
      return;
    }
    for (int q = 0; q < queries; q += 4) {
      elements.multiply4(
          data, k0, k1, rowBytes, rows, s.queries, q * n, n, s.scores, q * stride + at, stride);
    }
  }

  /** Codes that share a scale are added up first, so that the scale is applied to the sum. */
  private void scoreScaled(int queries, long k0, long k1, int at, AttentionScratch s) {
    int n = layout.keyElements();
    int parts = n / KvLayout.SCALED;
    int rows = layout.keyRows() / parts;
    int rowBytes = layout.keyRowBytes();
    boolean panel = queries >= PANEL_QUERIES;
    if (panel) {
      elements.unpack(data, k0, k1, rowBytes, layout.keyRows(), s.panel);
    }
    for (int part = 0; part < parts; part++) {
      int x = part * KvLayout.SCALED;
      Arrays.fill(s.unscaled, 0, queries * PAIR, 0);
      if (panel) {
        PanelKernels.multiply(
            s.panel, x * PAIR, KvLayout.SCALED, queries, s.queries, x, n, s.unscaled, 0, PAIR);
      } else {
        long skip = (long) part * rows * rowBytes;
        for (int q = 0; q < queries; q += 4) {
          int from = q * n + x;
          int to = q * PAIR;
          elements.multiply4(
              data, k0 + skip, k1 + skip, rowBytes, rows, s.queries, from, n, s.unscaled, to, PAIR);
        }
      }
      long scales = layout.keyScalesAt() + (long) part * COUNT * Short.BYTES;
      Scales.decode(data, k0 + scales, COUNT, s.scales, 0);
      Scales.decode(data, k1 + scales, COUNT, s.scales, COUNT);
      Scales.addScaled(s.unscaled, 0, s.scales, 0, queries, s.scores, at, shape.scoreStride());
    }
  }

  /** Reads the values ahead, while nothing waits for them. */
  void touchValues(int queries, int firstBlock, int lastBlock, AttentionScratch s) {
    if (queries < PANEL_QUERIES) {
      touch(s.valuesAt, firstBlock, lastBlock, (int) layout.valueBytes(), s);
    }
  }

  /**
   * Weighted sums of the values of the piece's blocks {@code firstBlock .. lastBlock}, up to {@code
   * tokens} of the last one.
   *
   * @param queries a multiple of four
   */
  void mix(int queries, int firstBlock, int lastBlock, int tokens, AttentionScratch s) {
    int width = layout.valueElements();
    Arrays.fill(s.mixed, 0, queries * width, 0);
    for (int e = 0; e < width; e += PAIR) {
      float[] weights = s.scores;
      if (layout.scaled()) {
        weights = s.scaledWeights;
        if (e % KvLayout.SCALED == 0) {
          scaleWeights(queries, firstBlock, lastBlock, e / KvLayout.SCALED, s);
        }
      }
      for (int b = firstBlock; b <= lastBlock; b++) {
        int count = b == lastBlock ? tokens : layout.blockTokens();
        mixStripe(queries, b, Math.ceilDiv(count, layout.perWord()), e, weights, s);
      }
    }
  }

  private void mixStripe(
      int queries, int block, int rows, int element, float[] weights, AttentionScratch s) {
    int width = layout.valueElements();
    int rowBytes = layout.valueRowBytes();
    int stride = shape.scoreStride();
    int from = block * layout.positions();
    long v0 = s.valuesAt[block] + (long) element * Integer.BYTES;
    long v1 = v0 + COUNT * Integer.BYTES;
    if (queries >= PANEL_QUERIES) {
      elements.unpack(data, v0, v1, rowBytes, rows, s.panel);
      int n = rows * layout.perWord();
      PanelKernels.multiply(s.panel, 0, n, queries, weights, from, stride, s.mixed, element, width);
      return;
    }
    for (int q = 0; q < queries; q += 4) {
      int to = q * width + element;
      elements.multiply4(
          data, v0, v1, rowBytes, rows, weights, q * stride + from, stride, s.mixed, to, width);
    }
  }

  private void scaleWeights(
      int queries, int firstBlock, int lastBlock, int part, AttentionScratch s) {
    int positions = layout.positions();
    long skip = layout.valueScalesAt() + (long) part * positions * Short.BYTES;
    for (int b = firstBlock; b <= lastBlock; b++) {
      Scales.decode(data, s.valuesAt[b] + skip, positions, s.scales, b * positions);
    }
    int from = firstBlock * positions;
    int to = (lastBlock + 1) * positions;
    Scales.scale(s.scores, queries, shape.scoreStride(), s.scales, from, to, s.scaledWeights);
  }

  /**
   * Reads one word of each cache line of the blocks, neighbouring blocks in one go. Few
   * instructions to a line keep many lines on their way, so that the kernels find them in the L2
   * cache; they do too much for each line to hide the memory's latency themselves.
   */
  private void touch(long[] at, int firstBlock, int lastBlock, int bytes, AttentionScratch s) {
    for (int b = firstBlock; b <= lastBlock; ) {
      int end = b + 1;
      while (end <= lastBlock && at[end] == at[end - 1] + bytes) {
        end++;
      }
      s.touched += touch(data, at[b], (end - b) * bytes);
      b = end;
    }
  }

  private static int touch(MemorySegment data, long from, int bytes) {
    int sum = 0;
    for (int i = 0; i < bytes; i += CACHE_LINE) {
      sum += data.get(INT, from + i);
    }
    return sum;
  }
}
