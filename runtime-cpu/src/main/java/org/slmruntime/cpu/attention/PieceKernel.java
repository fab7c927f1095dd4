package org.slmruntime.cpu.attention;

import static org.slmruntime.cpu.vector.Lanes.COUNT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.slmruntime.cpu.vector.Touch;

/**
 * Products of a tile's queries with a piece of the cache: scores with its keys, weighted sums of
 * its values. Few queries are multiplied with the cache's elements as they are unpacked, many with
 * panels of elements unpacked once; the results are the same to the bit.
 */
final class PieceKernel {
  /** From so many queries on, unpacking once pays. */
  private static final int PANEL_QUERIES = 16;

  private static final int PAIR = 2 * COUNT;

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
    clear(s.scores, queries, first, end);
    if (!layout.scaled()) {
      multiplyKeys(queries, first, end, 0, layout.keyRows(), s.scores, s);
      return;
    }
    // Codes that share a scale are added up first, so that the scale is applied to the sum.
    int rows = KvLayout.SCALED / layout.perWord();
    for (int row = 0; row < layout.keyRows(); row += rows) {
      clear(s.scaled, queries, first, end);
      multiplyKeys(queries, first, end, row, rows, s.scaled, s);
      for (int g = first; g < end; g++) {
        long scales = layout.keyScalesAt() + (long) (row / rows) * COUNT * Short.BYTES;
        Scales.decode(data, groupAt(g, s) + scales, COUNT, s.scales, g * COUNT);
      }
      Scales.addScaled(s.scaled, queries, stride, s.scales, first * COUNT, end * COUNT, s.scores);
    }
  }

  private void clear(float[] scores, int queries, int firstGroup, int endGroup) {
    for (int q = 0; q < queries; q++) {
      int at = q * shape.scoreStride();
      Arrays.fill(scores, at + firstGroup * COUNT, at + endGroup * COUNT, 0);
    }
  }

  private long groupAt(int group, AttentionScratch s) {
    int groups = layout.groups();
    return s.keysAt[group / groups] + (long) (group % groups) * layout.keyGroupBytes();
  }

  /** Adds products with {@code rows} rows of words of the keys, from {@code row} on. */
  private void multiplyKeys(
      int queries,
      int firstGroup,
      int endGroup,
      int row,
      int rows,
      float[] out,
      AttentionScratch s) {
    int rowBytes = layout.keyRowBytes();
    int n = layout.keyElements();
    int x = row * layout.perWord();
    int stride = shape.scoreStride();
    for (int g = firstGroup; g < endGroup; g += 2) {
      long k0 = groupAt(g, s) + (long) row * rowBytes;
      long k1 = g + 1 < endGroup ? groupAt(g + 1, s) + (long) row * rowBytes : k0;
      int at = g * COUNT;
      if (queries >= PANEL_QUERIES) {
        elements.unpack(data, k0, k1, rowBytes, rows, s.panel, 0);
        int count = rows * layout.perWord();
        KvPanels.multiply(s.panel, count, queries, s.queries, x, n, out, at, stride);
        continue;
      }
      for (int q = 0; q < queries; q += 4) {
        elements.multiply4(
            data, k0, k1, rowBytes, rows, s.queries, q * n + x, n, out, q * stride + at, stride);
      }
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
        weights = s.scaled;
        if (e % KvLayout.SCALED == 0) {
          scaleWeights(queries, firstBlock, lastBlock, e / KvLayout.SCALED, s);
        }
      }
      if (queries < PANEL_QUERIES) {
        mixStripe(queries, firstBlock, lastBlock, tokens, e, weights, s);
      } else {
        mixPanels(queries, firstBlock, lastBlock, tokens, e, weights, s);
      }
    }
  }

  private void mixStripe(
      int queries,
      int firstBlock,
      int lastBlock,
      int tokens,
      int element,
      float[] weights,
      AttentionScratch s) {
    int width = layout.valueElements();
    int rowBytes = layout.valueRowBytes();
    int stride = shape.scoreStride();
    for (int b = firstBlock; b <= lastBlock; b++) {
      int rows = valueRows(b == lastBlock, tokens);
      int from = b * layout.positions();
      long v0 = s.valuesAt[b] + (long) element * Integer.BYTES;
      long v1 = v0 + COUNT * Integer.BYTES;
      for (int q = 0; q < queries; q += 4) {
        int to = q * width + element;
        elements.multiply4(
            data, v0, v1, rowBytes, rows, weights, q * stride + from, stride, s.mixed, to, width);
      }
    }
  }

  /** The same with panels of several blocks, so that sums stay in registers for longer. */
  private void mixPanels(
      int queries,
      int firstBlock,
      int lastBlock,
      int tokens,
      int element,
      float[] weights,
      AttentionScratch s) {
    int width = layout.valueElements();
    int positions = layout.positions();
    int first = firstBlock;
    while (first <= lastBlock) {
      int last = Math.min(lastBlock, first + shape.panelBlocks() - 1);
      int rows = 0;
      for (int b = first; b <= last; b++) {
        rows = valueRows(b == lastBlock, tokens);
        long v0 = s.valuesAt[b] + (long) element * Integer.BYTES;
        long v1 = v0 + COUNT * Integer.BYTES;
        int to = (b - first) * positions * PAIR;
        elements.unpack(data, v0, v1, layout.valueRowBytes(), rows, s.panel, to);
      }
      int n = (last - first) * positions + rows * layout.perWord();
      int from = first * positions;
      int stride = shape.scoreStride();
      KvPanels.multiply(s.panel, n, queries, weights, from, stride, s.mixed, element, width);
      first = last + 1;
    }
  }

  /** Rows of a block's values: what is behind the piece's last token is not there yet. */
  private int valueRows(boolean last, int tokens) {
    return last ? Math.ceilDiv(tokens, layout.perWord()) : layout.valueRows();
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
    Scales.scale(s.scores, queries, shape.scoreStride(), s.scales, from, to, s.scaled);
  }

  /** Touches the blocks, neighbouring ones in one go. */
  private void touch(long[] at, int firstBlock, int lastBlock, int bytes, AttentionScratch s) {
    for (int b = firstBlock; b <= lastBlock; ) {
      int end = b + 1;
      while (end <= lastBlock && at[end] == at[end - 1] + bytes) {
        end++;
      }
      s.touched += Touch.lines(data, at[b], (long) (end - b) * bytes);
      b = end;
    }
  }
}
