package org.slmruntime.train.cpu;

import java.util.Map;
import org.slmruntime.cpu.gemm.Matrix;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.Dropout;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.gradient.Contribution;
import org.slmruntime.train.gradient.Gradient;

/** The gradients of one batch, float32: step by step, each buffer until it is consumed. */
final class BackwardPass {
  private final ForwardPass forward;
  private final Kernels kernels;
  private final Buffers buffers;
  private final Map<Weight, float[]> weights;
  private final float[][] values;

  /**
   * @param count of the graph's values
   * @param weights the trained weights' gradients, which are added to
   */
  BackwardPass(
      int count,
      ForwardPass forward,
      Kernels kernels,
      Buffers buffers,
      Map<Weight, float[]> weights) {
    this.forward = forward;
    this.kernels = kernels;
    this.buffers = buffers;
    this.weights = weights;
    this.values = new float[count][];
  }

  /** Takes the gradient of the output, an array of the buffers, to which it goes back. */
  void begin(Value output, float[] gradient) {
    values[output.id()] = gradient;
  }

  /** Runs a step; those before it have run. */
  void run(Gradient step) {
    float[] dy = values[step.output().id()];
    run(step, dy);
    values[step.output().id()] = null;
    buffers.giveBack(dy);
  }

  private void run(Gradient step, float[] dy) {
    Value y = step.output();
    int count = forward.elements(y);
    switch (step) {
      case Gradient.Embed g -> embed(dy, y.width(), weights.get(g.op().table()));
      case Gradient.Linear g -> linear(g, forward.matrix(y, dy));
      case Gradient.RmsNorm g -> norm(g, dy);
      case Gradient.Rope g ->
          kernels.rotations.add(
              dy,
              g.op().heads(),
              g.op().table(),
              -1,
              forward.batch(),
              y.width(),
              target(g.input()));
      case Gradient.Attention g -> attention(g, dy);
      case Gradient.GatedActivation g -> gated(g, dy, count);
      case Gradient.Add g -> {
        g.left().ifPresent(d -> kernels.pointwise.addScaled(dy, 1, count, target(d)));
        g.right().ifPresent(d -> kernels.pointwise.addScaled(dy, 1, count, target(d)));
      }
      case Gradient.Mul g -> {
        float[] left = forward.value(g.op().left());
        float[] right = forward.value(g.op().right());
        g.left().ifPresent(d -> kernels.pointwise.addProduct(dy, right, count, target(d)));
        g.right().ifPresent(d -> kernels.pointwise.addProduct(dy, left, count, target(d)));
      }
      case Gradient.Scale g ->
          kernels.pointwise.addScaled(dy, g.op().factor(), count, target(g.input()));
      case Gradient.Softcap g ->
          kernels.pointwise.softcapGradient(
              dy, forward.value(y), g.op().cap(), count, target(g.input()));
      case Gradient.GatherRows g -> scatter(dy, y.width(), target(g.input()));
    }
  }

  private void linear(Gradient.Linear g, Matrix dy) {
    Weight weight = g.op().weight();
    g.input().ifPresent(d -> inputGradient(g.op(), dy, forward.matrix(d.input(), target(d))));
    if (g.ofWeight()) {
      weightGradient(g.op(), dy, Matrix.of(weights.get(weight), weight.rows(), weight.columns()));
    }
    if (g.ofBias()) {
      kernels.linear.biasGradient(dy, weights.get(g.op().bias().orElseThrow()));
    }
  }

  private void inputGradient(Op.Linear op, Matrix dy, Matrix dx) {
    Dropout dropout = forward.dropout();
    if (!dropout.thins(op.weight())) {
      kernels.linear.inputGradient(op.weight(), dy, dx);
      return;
    }
    float[] all = forward.zeros(op.input());
    kernels.linear.inputGradient(op.weight(), dy, forward.matrix(op.input(), all));
    kernels.thinning.add(dropout, op.weight(), forward.matrix(op.input(), all), dx);
    buffers.giveBack(all);
  }

  private void weightGradient(Op.Linear op, Matrix dy, Matrix dw) {
    boolean thins = forward.dropout().thins(op.weight());
    float[] x = thins ? forward.thinned(op) : forward.value(op.input());
    kernels.linear.weightGradient(dy, forward.matrix(op.input(), x), dw);
    if (thins) {
      buffers.giveBack(x);
    }
  }

  private void norm(Gradient.RmsNorm g, float[] dy) {
    RmsNorms norm = kernels.norm(g.op());
    float[] x = forward.value(g.op().input());
    float[] w = kernels.weights.vector(g.op().weight());
    int rows = forward.rows(g.output());
    g.input().ifPresent(d -> norm.inputGradient(dy, x, w, rows, target(d)));
    if (g.ofWeight()) {
      norm.weightGradient(dy, x, rows, weights.get(g.op().weight()));
    }
  }

  private void attention(Gradient.Attention g, float[] dy) {
    float[] query = g.query().map(this::target).orElse(null);
    float[] key = g.key().map(this::target).orElse(null);
    float[] value = g.value().map(this::target).orElse(null);
    double[] sinks = g.ofSinks() ? new double[g.op().heads()] : null;
    kernels.attention.gradient(
        forward.attention(g.op(), g.append()),
        forward.batch(),
        dy,
        new Attention.Gradients(query, key, value, sinks));
    if (sinks != null) {
      float[] total = weights.get(g.op().sinks().orElseThrow());
      for (int i = 0; i < sinks.length; i++) {
        total[i] += (float) sinks[i];
      }
    }
  }

  private void gated(Gradient.GatedActivation g, float[] dy, int count) {
    Gating gating = kernels.gating(g.op().activation());
    float[] gate = forward.value(g.op().gate());
    float[] up = forward.value(g.op().up());
    g.gate().ifPresent(d -> gating.gateGradient(dy, gate, up, count, target(d)));
    g.up().ifPresent(d -> gating.upGradient(dy, gate, count, target(d)));
  }

  /** Column by column in parallel, so that tokens that occur twice are added in order. */
  private void embed(float[] dy, int width, float[] table) {
    TrainingBatch batch = forward.batch();
    kernels.parallel.forEach(
        width,
        batch.tokenCount(),
        (from, to, _) -> {
          for (int t = 0; t < batch.tokenCount(); t++) {
            int row = batch.token(t) * width;
            for (int i = from; i < to; i++) {
              table[row + i] += dy[t * width + i];
            }
          }
        });
  }

  private void scatter(float[] dy, int width, float[] dx) {
    TrainingBatch batch = forward.batch();
    for (int r = 0; r < batch.outputCount(); r++) {
      int to = batch.outputToken(r) * width;
      for (int i = 0; i < width; i++) {
        dx[to + i] += dy[r * width + i];
      }
    }
  }

  /** What a term is added to: zeros, if it is the first. */
  private float[] target(Contribution term) {
    if (!term.adds()) {
      values[term.input().id()] = forward.zeros(term.input());
    }
    return values[term.input().id()];
  }
}
