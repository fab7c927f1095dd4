package org.slmruntime.train.reference;

import org.slmruntime.graph.Op;
import org.slmruntime.train.TrainingBatch;

/**
 * Causal grouped-query attention of each token over its sequence in the same batch, one token and
 * head at a time. Formulas are in {@link org.slmruntime.train.gradient.Gradient.Attention}.
 *
 * @param query [tokens x heads * keySize]
 * @param key [tokens x layer.keyWidth()]
 * @param value [tokens x layer.valueWidth()]
 * @param sinks a logit per head, or null
 */
record SoftmaxAttention(
    Op.Attention op,
    double[] query,
    double[] key,
    double[] value,
    double[] sinks,
    TrainingBatch batch) {

  void apply(double[] y) {
    for (int t = 0; t < batch.tokenCount(); t++) {
      for (int head = 0; head < op.heads(); head++) {
        double[] p = probabilities(scores(t, head), head);
        for (int j = 0; j < seen(t); j++) {
          int values = valueStart(first(t) + j, head);
          for (int i = 0; i < valueSize(); i++) {
            y[outputStart(t, head) + i] += p[j] * value[values + i];
          }
        }
      }
    }
  }

  /** Adds to the gradients of the query, keys, values and sinks; the last may be of none. */
  void gradient(double[] dy, double[] dQuery, double[] dKey, double[] dValue, double[] dSinks) {
    for (int t = 0; t < batch.tokenCount(); t++) {
      for (int head = 0; head < op.heads(); head++) {
        double[] capped = scores(t, head);
        double[] p = probabilities(capped, head);
        double[] a = valueGradient(dy, t, head, p, dValue);
        double d = 0;
        for (int j = 0; j < p.length; j++) {
          d += p[j] * a[j];
        }
        for (int j = 0; j < p.length; j++) {
          double slope = op.softcap() > 0 ? 1 - square(capped[j] / op.softcap()) : 1;
          double ds = p[j] * (a[j] - d) * slope;
          scoreGradient(ds * op.scale(), t, first(t) + j, head, dQuery, dKey);
        }
        dSinks[head] -= sinkProbability(p) * d;
      }
    }
  }

  /** Adds {@code p_j dy} to the values' gradients; returns {@code a_j = dy.v_j}. */
  private double[] valueGradient(double[] dy, int t, int head, double[] p, double[] dValue) {
    double[] a = new double[p.length];
    int output = outputStart(t, head);
    for (int j = 0; j < p.length; j++) {
      int values = valueStart(first(t) + j, head);
      for (int i = 0; i < valueSize(); i++) {
        a[j] += dy[output + i] * value[values + i];
        dValue[values + i] += p[j] * dy[output + i];
      }
    }
    return a;
  }

  private void scoreGradient(
      double ds, int t, int other, int head, double[] dQuery, double[] dKey) {
    int queries = queryStart(t, head);
    int keys = keyStart(other, head);
    for (int i = 0; i < keySize(); i++) {
      dQuery[queries + i] += ds * key[keys + i];
      dKey[keys + i] += ds * query[queries + i];
    }
  }

  /** The scores of the tokens that {@code t} sees, scaled and capped. */
  private double[] scores(int t, int head) {
    double[] scores = new double[seen(t)];
    for (int j = 0; j < scores.length; j++) {
      int keys = keyStart(first(t) + j, head);
      double dot = 0;
      for (int i = 0; i < keySize(); i++) {
        dot += query[queryStart(t, head) + i] * key[keys + i];
      }
      double score = dot * op.scale();
      scores[j] = op.softcap() > 0 ? op.softcap() * Math.tanh(score / op.softcap()) : score;
    }
    return scores;
  }

  /** The softmax of scores and sink, the sink left out. */
  private double[] probabilities(double[] scores, int head) {
    double max = sinks == null ? Double.NEGATIVE_INFINITY : sinks[head];
    for (double score : scores) {
      max = Math.max(max, score);
    }
    double total = sinks == null ? 0 : Math.exp(sinks[head] - max);
    double[] p = new double[scores.length];
    for (int j = 0; j < p.length; j++) {
      p[j] = Math.exp(scores[j] - max);
      total += p[j];
    }
    for (int j = 0; j < p.length; j++) {
      p[j] /= total;
    }
    return p;
  }

  /** What the probabilities of tokens leave over. */
  private double sinkProbability(double[] p) {
    double rest = 1;
    for (double probability : p) {
      rest -= probability;
    }
    return sinks == null ? 0 : rest;
  }

  /** The first token that {@code t} sees. */
  private int first(int t) {
    int start = t - batch.position(t);
    return op.window() > 0 ? Math.max(start, t - op.window() + 1) : start;
  }

  private int seen(int t) {
    return t - first(t) + 1;
  }

  private int keySize() {
    return op.layer().keySize();
  }

  private int valueSize() {
    return op.layer().valueSize();
  }

  private int queryStart(int t, int head) {
    return (t * op.heads() + head) * keySize();
  }

  private int keyStart(int t, int head) {
    return (t * op.layer().heads() + kvHead(head)) * keySize();
  }

  private int valueStart(int t, int head) {
    return (t * op.layer().heads() + kvHead(head)) * valueSize();
  }

  private int outputStart(int t, int head) {
    return (t * op.heads() + head) * valueSize();
  }

  private int kvHead(int head) {
    return head / (op.heads() / op.layer().heads());
  }

  private static double square(double x) {
    return x * x;
  }
}
