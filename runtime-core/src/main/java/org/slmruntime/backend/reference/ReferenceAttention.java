package org.slmruntime.backend.reference;

import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;

/** Softmax attention, one query head at a time, as the textbook has it. */
final class ReferenceAttention {
  private ReferenceAttention() {}

  static void run(
      Op.Attention op,
      float[] query,
      ReferenceKvCache cache,
      float[] sinks,
      StepInput input,
      float[] out) {
    for (int t = 0; t < input.tokenCount(); t++) {
      for (int head = 0; head < op.heads(); head++) {
        attend(op, query, cache, sinks, input, t, head, out);
      }
    }
  }

  private static void attend(
      Op.Attention op,
      float[] query,
      ReferenceKvCache cache,
      float[] sinks,
      StepInput input,
      int token,
      int head,
      float[] out) {
    KvLayer layer = op.layer();
    int kvHead = head / (op.heads() / layer.heads());
    int sequence = input.sequence(token);
    int last = input.position(token);
    int first = op.window() > 0 ? Math.max(0, last - op.window() + 1) : 0;
    int queryOffset = (token * op.heads() + head) * layer.keySize();

    double[] scores = new double[last - first + 1];
    double max = sinks == null ? Double.NEGATIVE_INFINITY : sinks[head];
    for (int p = first; p <= last; p++) {
      float[] keys = cache.keyBlock(input, sequence, p);
      int offset = cache.keyOffset(p, kvHead);
      double dot = 0;
      for (int i = 0; i < layer.keySize(); i++) {
        dot += (double) query[queryOffset + i] * keys[offset + i];
      }
      double score = dot * op.scale();
      scores[p - first] = op.softcap() > 0 ? op.softcap() * Math.tanh(score / op.softcap()) : score;
      max = Math.max(max, scores[p - first]);
    }

    double total = sinks == null ? 0 : Math.exp(sinks[head] - max);
    double[] mixed = new double[layer.valueSize()];
    for (int p = first; p <= last; p++) {
      double weight = Math.exp(scores[p - first] - max);
      total += weight;
      float[] values = cache.valueBlock(input, sequence, p);
      int offset = cache.valueOffset(p, kvHead);
      for (int i = 0; i < mixed.length; i++) {
        mixed[i] += weight * values[offset + i];
      }
    }
    int outOffset = (token * op.heads() + head) * layer.valueSize();
    for (int i = 0; i < mixed.length; i++) {
      out[outOffset + i] = (float) (mixed[i] / total);
    }
  }
}
