package org.slmruntime.cpu.attention;

import java.util.Arrays;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.vector.Exp;
import org.slmruntime.graph.Op;

/**
 * One layer's attention of a tile: some tokens of one sequence with all query heads that share a kv
 * head. The past is taken in pieces, each of which gives a partial result; these are merged in
 * order of position.
 */
public final class AttentionKernel {
  private final Op.Attention op;
  private final AttentionShape shape;
  private final KvLayout layout;
  private final KvCache cache;
  private final PieceKernel piece;
  private final float[] query;
  private final float[] sinks;
  private final float[] out;

  /**
   * @param query [tokens][heads][keySize]
   * @param sinks one logit per head, or null
   * @param out [tokens][heads][valueSize]
   */
  public AttentionKernel(
      Op.Attention op,
      AttentionShape shape,
      KvCache cache,
      float[] query,
      float[] sinks,
      float[] out) {
    this.op = op;
    this.shape = shape;
    this.layout = shape.layout();
    this.cache = cache;
    this.piece = new PieceKernel(shape, cache);
    this.query = query;
    this.sinks = sinks;
    this.out = out;
  }

  /** The first piece that a token at {@code position} sees. */
  int firstPiece(int position) {
    return windowStart(position) / shape.pieceTokens();
  }

  /** The last piece that a token at {@code position} sees. */
  int lastPiece(int position) {
    return position / shape.pieceTokens();
  }

  private int windowStart(int position) {
    return op.window() > 0 ? Math.max(0, position - op.window() + 1) : 0;
  }

  /** Tokens {@code first .. last - 1} of one sequence: all of their past. */
  void attend(StepInput input, int first, int last, int kvHead, AttentionScratch s) {
    int queries = (last - first) * shape.group();
    begin(queries, kvHead, s);
    gather(first, last, kvHead, s);
    int end = lastPiece(input.position(last - 1));
    for (int p = firstPiece(input.position(first)); p <= end; p++) {
      attendGathered(input, first, last, p, kvHead, s);
      merge(queries, s.mixed, s.max, s.sum, 0, s);
    }
    finish(first, last, kvHead, s);
  }

  /** One piece of the past of the same tokens; the result is in the scratch memory. */
  void attendPiece(StepInput input, int first, int last, int p, int kvHead, AttentionScratch s) {
    gather(first, last, kvHead, s);
    attendGathered(input, first, last, p, kvHead, s);
  }

  /** Merges the results of {@code pieces} pieces, {@code rows} apart, and writes the output. */
  void finish(
      int first,
      int last,
      int kvHead,
      Partials partials,
      int row,
      int rows,
      int pieces,
      AttentionScratch s) {
    int queries = (last - first) * shape.group();
    begin(queries, kvHead, s);
    for (int p = 0; p < pieces; p++) {
      merge(queries, partials.mixed, partials.max, partials.sum, row + p * rows, s);
    }
    finish(first, last, kvHead, s);
  }

  private void attendGathered(
      StepInput input, int first, int last, int p, int kvHead, AttentionScratch s) {
    int start = p * shape.pieceTokens();
    int from = Math.max(start, windowStart(input.position(first))) - start;
    int to = Math.min(shape.pieceTokens(), input.position(last - 1) + 1 - start);
    int firstBlock = from / layout.blockTokens();
    int lastBlock = (to - 1) / layout.blockTokens();
    int tokens = to - lastBlock * layout.blockTokens();
    int[] table = input.blockTable(input.sequence(first));
    for (int b = firstBlock; b <= lastBlock; b++) {
      int block = table[p * shape.pieceBlocks() + b];
      s.keysAt[b] = cache.keysAt(block, kvHead);
      s.valuesAt[b] = cache.valuesAt(block, kvHead);
    }
    int queries = (last - first) * shape.group();
    int padded = AttentionShape.quads(queries);
    piece.score(padded, firstBlock, lastBlock, tokens, s);
    piece.touchValues(padded, firstBlock, lastBlock, s);
    int begin = firstBlock * layout.positions();
    int end = (lastBlock + 1) * layout.positions();
    for (int i = 0; i < queries; i++) {
      weigh(i, input.position(first + i / shape.group()) - start, begin, end, s);
    }
    for (int i = queries; i < padded; i++) {
      int at = i * shape.scoreStride();
      Arrays.fill(s.scores, at + begin, at + end, 0);
    }
    piece.mix(padded, firstBlock, lastBlock, tokens, s);
  }

  private void gather(int first, int last, int kvHead, AttentionScratch s) {
    int size = layout.keySize();
    int stride = layout.keyElements();
    float factor = cache.elements().queryFactor() * op.scale();
    int to = 0;
    for (int t = first; t < last; t++) {
      int from = (t * op.heads() + kvHead * shape.group()) * size;
      for (int j = 0; j < shape.group(); j++) {
        for (int i = 0; i < size; i++) {
          s.queries[to + i] = query[from + j * size + i] * factor;
        }
        to += stride;
      }
    }
    int queries = (last - first) * shape.group();
    Arrays.fill(s.queries, to, AttentionShape.quads(queries) * stride, 0);
  }

  /**
   * Turns a query's scores in columns {@code begin .. end - 1} into weights.
   *
   * @param position of the query, relative to the piece
   */
  private void weigh(int i, int position, int begin, int end, AttentionScratch s) {
    int at = i * shape.scoreStride();
    int from = Math.max(0, windowStart(position));
    int to = Math.min(position + 1, shape.pieceTokens());
    if (from >= to) {
      Arrays.fill(s.scores, at + begin, at + end, 0);
      s.max[i] = Float.NEGATIVE_INFINITY;
      s.sum[i] = 0;
      return;
    }
    float scale = cache.elements().scoreFactor();
    if (op.softcap() > 0) {
      cap(s, at + begin, at + end, scale);
      scale = 1;
    }
    mask(at, from, to, begin, end, s.scores);
    s.max[i] = scale * Softmax.max(s.scores, at + begin, at + end, s.lanes);
    float factor = cache.elements().weightFactor();
    s.sum[i] = Softmax.weights(s.scores, at + begin, at + end, scale, s.max[i], factor, s.lanes);
  }

  private void cap(AttentionScratch s, int from, int to, float scale) {
    for (int k = from; k < to; k++) {
      s.scores[k] *= scale;
    }
    Exp.softcap(s.scores, op.softcap(), s.capped, from, to);
    System.arraycopy(s.capped, from, s.scores, from, to - from);
  }

  /** What a query does not see scores minus infinity. */
  private void mask(int at, int from, int to, int begin, int end, float[] scores) {
    Arrays.fill(scores, at + begin, at + column(from), Float.NEGATIVE_INFINITY);
    Arrays.fill(scores, at + column(to - 1) + 1, at + end, Float.NEGATIVE_INFINITY);
    int padded = layout.positions();
    if (padded > layout.blockTokens()) {
      for (int b = begin; b < end; b += padded) {
        int pad = at + b + layout.blockTokens();
        Arrays.fill(scores, pad, at + b + padded, Float.NEGATIVE_INFINITY);
      }
    }
  }

  /** Where the score of a position of the piece is. */
  private int column(int position) {
    int size = layout.blockTokens();
    return position / size * layout.positions() + position % size;
  }

  /** A sink counts as a first key with a score of its own and no value. */
  private void begin(int queries, int kvHead, AttentionScratch s) {
    Arrays.fill(s.totalMixed, 0, queries * layout.valueElements(), 0);
    for (int i = 0; i < queries; i++) {
      int head = kvHead * shape.group() + i % shape.group();
      s.totalMax[i] = sinks == null ? Float.NEGATIVE_INFINITY : sinks[head];
      s.totalSum[i] = sinks == null ? 0 : 1;
    }
  }

  private void merge(
      int queries, float[] mixed, float[] max, float[] sum, int row, AttentionScratch s) {
    int width = layout.valueElements();
    for (int i = 0; i < queries; i++) {
      if (sum[row + i] == 0) {
        continue;
      }
      float keep = 1;
      float add = 1;
      if (max[row + i] > s.totalMax[i]) {
        keep = (float) Math.exp(s.totalMax[i] - max[row + i]);
        s.totalMax[i] = max[row + i];
      } else {
        add = (float) Math.exp(max[row + i] - s.totalMax[i]);
      }
      s.totalSum[i] = s.totalSum[i] * keep + sum[row + i] * add;
      add(s.totalMixed, i * width, keep, mixed, (row + i) * width, add, width);
    }
  }

  private static void add(
      float[] total, int at, float keep, float[] mixed, int from, float factor, int count) {
    for (int k = 0; k < count; k++) {
      total[at + k] = total[at + k] * keep + mixed[from + k] * factor;
    }
  }

  private void finish(int first, int last, int kvHead, AttentionScratch s) {
    int size = layout.valueSize();
    int i = 0;
    for (int t = first; t < last; t++) {
      for (int j = 0; j < shape.group(); j++, i++) {
        int from = i * layout.valueElements();
        int to = (t * op.heads() + kvHead * shape.group() + j) * size;
        float inverse = 1 / s.totalSum[i];
        for (int k = 0; k < size; k++) {
          out[to + k] = s.totalMixed[from + k] * inverse;
        }
      }
    }
  }
}
