package org.slmruntime.cpu.attention;

import java.util.Arrays;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.vector.DotKernels;
import org.slmruntime.cpu.vector.Exp;
import org.slmruntime.graph.Op;

/**
 * One layer's attention, tile by tile. Each block of keys and values is decoded once for all
 * queries of the tile.
 */
public final class AttentionKernel {
  private final Op.Attention op;
  private final AttentionShape shape;
  private final KvCache cache;
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
    this.cache = cache;
    this.query = query;
    this.sinks = sinks;
    this.out = out;
  }

  /** Tokens {@code first .. last - 1} of one sequence, all query heads that share a kv head. */
  void attend(StepInput input, int first, int last, int kvHead, AttentionScratch scratch) {
    int queries = (last - first) * shape.group();
    gather(first, last, kvHead, scratch);
    begin(queries, kvHead, scratch);
    int[] blocks = input.blockTable(input.sequence(first));
    int end = input.position(last - 1) + 1;
    int begin = windowStart(input.position(first));
    int size = shape.blockTokens();
    for (int b = begin / size; b * size < end; b++) {
      int tokens = Math.min(size, end - b * size);
      cache.decodeKeys(blocks[b], kvHead, tokens, scratch.keys, scratch.rows);
      score(queries, tokens, scratch);
      for (int i = 0; i < queries; i++) {
        int position = input.position(first + i / shape.group());
        weigh(i, position, b * size, scratch);
      }
      cache.decodeValues(blocks[b], kvHead, tokens, scratch.values, scratch.rows);
      mix(queries, tokens, scratch);
    }
    finish(first, last, kvHead, scratch);
  }

  private int windowStart(int position) {
    return op.window() > 0 ? Math.max(0, position - op.window() + 1) : 0;
  }

  private void gather(int first, int last, int kvHead, AttentionScratch scratch) {
    int size = shape.keySize();
    int to = 0;
    for (int t = first; t < last; t++) {
      int from = (t * op.heads() + kvHead * shape.group()) * size;
      for (int j = 0; j < shape.group(); j++) {
        for (int i = 0; i < size; i++) {
          scratch.queries[to + i] = query[from + j * size + i] * op.scale();
        }
        to += shape.keyStride();
      }
    }
  }

  /** A sink counts as a first key with a score of its own and no value. */
  private void begin(int queries, int kvHead, AttentionScratch scratch) {
    Arrays.fill(scratch.mixed, 0, queries * shape.valueStride(), 0);
    for (int i = 0; i < queries; i++) {
      int head = kvHead * shape.group() + i % shape.group();
      scratch.max[i] = sinks == null ? Float.NEGATIVE_INFINITY : sinks[head];
      scratch.sum[i] = sinks == null ? 0 : 1;
    }
  }

  /** Scores of all queries against a block's first tokens; past them the scores are garbage. */
  private void score(int queries, int tokens, AttentionScratch s) {
    int n = shape.keyStride();
    int stride = shape.scoreStride();
    int q = 0;
    for (; q + 4 <= queries; q += 4) {
      for (int r = 0; r < tokens; r += 4) {
        DotKernels.rows4tokens4(
            s.keys, r * n, n, s.queries, q * n, n, s.scores, q * stride + r, stride, s.rows.lanes);
      }
    }
    for (; q < queries; q++) {
      for (int r = 0; r < tokens; r += 4) {
        DotKernels.rows4tokens1(
            s.keys, r * n, n, s.queries, q * n, n, s.scores, q * stride + r, s.rows.lanes);
      }
    }
  }

  /** Turns a query's scores into weights and brings its sums to the new maximum. */
  private void weigh(int i, int position, int blockStart, AttentionScratch s) {
    int stride = shape.scoreStride();
    int at = i * stride;
    int from = Math.clamp((long) windowStart(position) - blockStart, 0, shape.blockTokens());
    int to = Math.clamp((long) position + 1 - blockStart, from, shape.blockTokens());
    if (from >= to) {
      Arrays.fill(s.scores, at, at + stride, 0);
      return;
    }
    if (op.softcap() > 0) {
      Exp.softcap(s.scores, op.softcap(), s.capped, at + from, at + to);
      System.arraycopy(s.capped, at + from, s.scores, at + from, to - from);
    }
    Arrays.fill(s.scores, at, at + from, Float.NEGATIVE_INFINITY);
    Arrays.fill(s.scores, at + to, at + stride, Float.NEGATIVE_INFINITY);
    float max = s.max[i];
    for (int p = at + from; p < at + to; p++) {
      max = Math.max(max, s.scores[p]);
    }
    float sum = Exp.expAndSum(s.scores, at, stride, max, s.rows.lanes);
    if (max > s.max[i]) {
      float correction = (float) Math.exp(s.max[i] - max);
      s.sum[i] *= correction;
      MixKernels.scale(s.mixed, i * shape.valueStride(), shape.valueSize(), correction);
    }
    s.sum[i] += sum;
    s.max[i] = max;
  }

  private void mix(int queries, int tokens, AttentionScratch s) {
    int stride = shape.scoreStride();
    int n = shape.valueStride();
    int q = 0;
    for (; q + 4 <= queries; q += 4) {
      MixKernels.queries4(s.scores, q * stride, stride, s.values, n, tokens, s.mixed, q * n);
    }
    for (; q < queries; q++) {
      MixKernels.queries1(s.scores, q * stride, s.values, n, tokens, s.mixed, q * n);
    }
  }

  private void finish(int first, int last, int kvHead, AttentionScratch s) {
    int size = shape.valueSize();
    int i = 0;
    for (int t = first; t < last; t++) {
      for (int j = 0; j < shape.group(); j++, i++) {
        int from = i * shape.valueStride();
        int to = (t * op.heads() + kvHead * shape.group() + j) * size;
        float inverse = 1 / s.sum[i];
        for (int k = 0; k < size; k++) {
          out[to + k] = s.mixed[from + k] * inverse;
        }
      }
    }
  }
}
