package org.slmruntime.train.cpu;

import java.util.Arrays;
import org.slmruntime.cpu.gemm.Gemm;
import org.slmruntime.cpu.gemm.Matrix;
import org.slmruntime.cpu.gemm.Transposition;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.cpu.vector.Exp;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.cpu.vector.Slices;

/** One thread's scores of some queries of a head, and what is made of them. */
final class AttentionScratch {
  final Gemm gemm = new Gemm(new Team(1));
  private final Transposition transposition = new Transposition(new Team(1));
  private final float[] lanes = new float[Lanes.SCRATCH];

  /** Which sequence of the batch is handled. */
  int sequence;

  /** The queries of the sequence that are handled: so many, from there. */
  int queries;

  private int firstQuery;

  /** The keys that some of them see: from here to {@link #to} - 1. */
  int from;

  private int to;
  private Matrix keys;
  private Matrix values;
  private float[] keyData = new float[0];
  private float[] valueData = new float[0];
  private float[] scores = new float[0];
  private float[] capped = new float[0];
  private float[] gradients = new float[0];
  private final float[] sinkProbabilities = new float[Attention.QUERIES];

  /** Takes the keys of a sequence and head, transposed. */
  void begin(Attention.Inputs in, int first, int length, int kvHead) {
    keyData = room(keyData, length * in.keySize());
    keys = transposition.transpose(in.keys(in.key(), first, length, kvHead), keyData);
    start = first;
    this.length = length;
  }

  /** And its values: for {@link #scoreGradients}. */
  void takeValues(Attention.Inputs in, int first, int length, int kvHead) {
    valueData = room(valueData, length * in.valueSize());
    values = transposition.transpose(in.values(in.value(), first, length, kvHead), valueData);
  }

  private int start;
  private int length;

  int count() {
    return to - from;
  }

  /** Rows of scores are whole vectors. */
  private int stride() {
    return Math.ceilDiv(count(), Lanes.COUNT) * Lanes.COUNT;
  }

  private Matrix matrix(float[] data) {
    return new Matrix(data, 0, stride(), queries, count());
  }

  Matrix probabilities() {
    return matrix(scores);
  }

  /** Of the scores, before they are scaled. */
  Matrix gradients() {
    return matrix(gradients);
  }

  /** The softmax of the scores of {@code head} from query {@code q} of the sequence on. */
  void probabilities(Attention.Inputs in, int q, int head) {
    int window = in.op().window();
    firstQuery = q;
    queries = Math.min(Attention.QUERIES, length - q);
    from = window > 0 ? Math.max(0, q - window + 1) : 0;
    to = q + queries;
    int size = queries * stride();
    scores = room(scores, size);
    Arrays.fill(scores, 0, size, 0);
    gemm.addProduct(
        in.queries(in.query(), start + q, queries, head),
        keys.columns(from, count()),
        matrix(scores));
    float softcap = in.op().softcap();
    if (softcap > 0) {
      capped = room(capped, size);
      cap(size, in.op().scale() / softcap, softcap);
    }
    float sink = in.sinks() == null ? Float.NEGATIVE_INFINITY : in.sinks()[head];
    float scale = softcap > 0 ? 1 : in.op().scale();
    for (int i = 0; i < queries; i++) {
      softmax(i, window, scale, sink);
    }
  }

  /** {@code capped} keeps the hyperbolic tangents for the gradient. */
  private void cap(int size, float factor, float softcap) {
    for (int i = 0; i < size; i++) {
      capped[i] = (float) Math.tanh(scores[i] * factor);
      scores[i] = softcap * capped[i];
    }
  }

  private void softmax(int i, int window, float scale, float sink) {
    int at = i * stride();
    int end = at + stride();
    int position = firstQuery + i;
    int first = at + (window > 0 ? Math.max(0, position - window + 1) : 0) - from;
    int last = at + position + 1 - from;
    int seen = Math.max(at, first);
    Arrays.fill(scores, at, seen, Float.NEGATIVE_INFINITY);
    Arrays.fill(scores, last, end, Float.NEGATIVE_INFINITY);
    float max = Math.max(Slices.max(scores, seen, last - seen) * scale, sink);
    double total = Exp.expAndSum(scores, at, end, scale, max, 1, lanes);
    double own = Math.exp(sink - max);
    total += own;
    sinkProbabilities[i] = (float) (own / total);
    float inverse = (float) (1 / total);
    for (int j = at; j < end; j++) {
      scores[j] *= inverse;
    }
  }

  /**
   * Computes {@link #gradients} of the scores from those of the outputs.
   *
   * @return the gradient of the head's sink
   */
  double scoreGradients(Attention.Inputs in, Matrix dy) {
    int size = queries * stride();
    gradients = room(gradients, size);
    Arrays.fill(gradients, 0, size, 0);
    gemm.addProduct(dy, values.columns(from, count()), matrix(gradients));
    double sink = 0;
    for (int i = 0; i < queries; i++) {
      int at = i * stride();
      double d = Slices.dot(scores, at, gradients, at, count());
      sink -= sinkProbabilities[i] * d;
      scale(at, (float) d, in.op().scale(), in.op().softcap() > 0);
    }
    return sink;
  }

  private void scale(int at, float d, float scale, boolean isCapped) {
    for (int j = at; j < at + count(); j++) {
      float slope = isCapped ? 1 - capped[j] * capped[j] : 1;
      gradients[j] = scores[j] * (gradients[j] - d) * slope * scale;
    }
  }

  private static float[] room(float[] data, int floats) {
    return data.length >= floats ? data : new float[floats];
  }
}
