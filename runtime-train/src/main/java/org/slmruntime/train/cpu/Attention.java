package org.slmruntime.train.cpu;

import org.slmruntime.cpu.gemm.Matrix;
import org.slmruntime.graph.Op;
import org.slmruntime.train.TrainingBatch;

/**
 * Causal grouped-query attention of whole sequences and its gradients; formulas in {@link
 * org.slmruntime.train.gradient.Gradient.Attention}. A thread has one sequence and key/value head
 * at a time, and of that {@link #QUERIES} queries of one head: their scores are a matrix. Nothing
 * of it is kept for the gradients: they compute scores again.
 */
final class Attention {
  /** Queries whose scores are computed at a time. */
  static final int QUERIES = 64;

  private final Parallel parallel;
  private final AttentionScratch[] scratch;

  Attention(Parallel parallel) {
    this.parallel = parallel;
    this.scratch = new AttentionScratch[parallel.team().size()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = new AttentionScratch();
    }
  }

  /** The arrays of one operation; {@code sinks} may be null. */
  record Inputs(Op.Attention op, float[] query, float[] key, float[] value, float[] sinks) {
    int keySize() {
      return op.layer().keySize();
    }

    int valueSize() {
      return op.layer().valueSize();
    }

    int group() {
      return op.heads() / op.layer().heads();
    }

    Matrix queries(float[] data, int token, int count, int head) {
      int size = keySize();
      return new Matrix(data, (token * op.heads() + head) * size, op.heads() * size, count, size);
    }

    Matrix outputs(float[] data, int token, int count, int head) {
      int size = valueSize();
      return new Matrix(data, (token * op.heads() + head) * size, op.heads() * size, count, size);
    }

    Matrix keys(float[] data, int token, int count, int kvHead) {
      int size = keySize();
      return new Matrix(
          data, token * op.layer().keyWidth() + kvHead * size, op.layer().keyWidth(), count, size);
    }

    Matrix values(float[] data, int token, int count, int kvHead) {
      int width = op.layer().valueWidth();
      return new Matrix(data, token * width + kvHead * valueSize(), width, count, valueSize());
    }
  }

  /** Where gradients are added; null for those that nobody needs. */
  record Gradients(float[] query, float[] key, float[] value, double[] sinks) {
    boolean ofScores() {
      return query != null || key != null || sinks != null;
    }
  }

  /** {@code y += attention}. */
  void apply(Inputs in, TrainingBatch batch, float[] y) {
    forEach(
        in,
        batch,
        (first, length, kvHead, s) -> {
          s.begin(in, first, length, kvHead);
          for (int head = kvHead * in.group(); head < (kvHead + 1) * in.group(); head++) {
            for (int q = 0; q < length; q += QUERIES) {
              s.probabilities(in, q, head);
              s.gemm.addProduct(
                  s.probabilities(),
                  in.values(in.value, first + s.from, s.count(), kvHead),
                  in.outputs(y, first + q, s.queries, head));
            }
          }
        });
  }

  /** Adds to the gradients of queries, keys, values and sinks. */
  void gradient(Inputs in, TrainingBatch batch, float[] dy, Gradients out) {
    double[] sinks = new double[batch.sequenceCount() * in.op.heads()];
    forEach(
        in,
        batch,
        (first, length, kvHead, s) -> {
          s.begin(in, first, length, kvHead);
          if (out.ofScores()) {
            s.takeValues(in, first, length, kvHead);
          }
          for (int head = kvHead * in.group(); head < (kvHead + 1) * in.group(); head++) {
            for (int q = 0; q < length; q += QUERIES) {
              s.probabilities(in, q, head);
              Matrix dyHere = in.outputs(dy, first + q, s.queries, head);
              if (out.ofScores()) {
                sinks[s.sequence * in.op.heads() + head] += s.scoreGradients(in, dyHere);
              }
              add(in, s, first, q, head, kvHead, dyHere, out);
            }
          }
        });
    if (out.sinks != null) {
      for (int i = 0; i < sinks.length; i++) {
        out.sinks[i % in.op.heads()] += sinks[i];
      }
    }
  }

  private static void add(
      Inputs in,
      AttentionScratch s,
      int first,
      int q,
      int head,
      int kvHead,
      Matrix dy,
      Gradients out) {
    int keys = first + s.from;
    if (out.value != null) {
      s.gemm.addTransposedProduct(
          s.probabilities(), dy, in.values(out.value, keys, s.count(), kvHead));
    }
    if (out.query != null) {
      s.gemm.addProduct(
          s.gradients(),
          in.keys(in.key, keys, s.count(), kvHead),
          in.queries(out.query, first + q, s.queries, head));
    }
    if (out.key != null) {
      s.gemm.addTransposedProduct(
          s.gradients(),
          in.queries(in.query, first + q, s.queries, head),
          in.keys(out.key, keys, s.count(), kvHead));
    }
  }

  @FunctionalInterface
  private interface Use {
    void run(int first, int length, int kvHead, AttentionScratch scratch);
  }

  private void forEach(Inputs in, TrainingBatch batch, Use use) {
    int heads = in.op.layer().heads();
    int[] starts = starts(batch);
    parallel.forEach(
        batch.sequenceCount() * heads,
        Integer.MAX_VALUE,
        (from, to, worker) -> {
          for (int i = from; i < to; i++) {
            int sequence = i / heads;
            scratch[worker].sequence = sequence;
            int length = starts[sequence + 1] - starts[sequence];
            use.run(starts[sequence], length, i % heads, scratch[worker]);
          }
        });
  }

  /** The first token of each sequence, and where the last one ends. */
  private static int[] starts(TrainingBatch batch) {
    int[] starts = new int[batch.sequenceCount() + 1];
    int sequence = 0;
    for (int t = 0; t < batch.tokenCount(); t++) {
      if (batch.position(t) == 0) {
        starts[sequence++] = t;
      }
    }
    starts[sequence] = batch.tokenCount();
    return starts;
  }
}
