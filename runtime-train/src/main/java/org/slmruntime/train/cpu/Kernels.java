package org.slmruntime.train.cpu;

import java.util.EnumMap;
import java.util.Map;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.Op;

/** What the forward and the backward pass compute with; for one of them at a time. */
final class Kernels {
  final Parallel parallel;
  final WeightBlocks weights;
  final LinearLayers linear;
  final Pointwise pointwise;
  final Rotations rotations;
  final Attention attention;
  final Thinning thinning;
  private final Map<Activation, Gating> gating = new EnumMap<>(Activation.class);

  Kernels(Parallel parallel, WeightBlocks weights) {
    this.parallel = parallel;
    this.weights = weights;
    this.linear = new LinearLayers(parallel, weights);
    this.pointwise = new Pointwise(parallel);
    this.rotations = new Rotations(parallel);
    this.attention = new Attention(parallel);
    this.thinning = new Thinning(parallel);
  }

  Gating gating(Activation activation) {
    return gating.computeIfAbsent(activation, f -> new Gating(parallel, f));
  }

  RmsNorms norm(Op.RmsNorm op) {
    int width = op.input().width();
    return new RmsNorms(parallel, width, width / op.groups(), op.epsilon());
  }
}
