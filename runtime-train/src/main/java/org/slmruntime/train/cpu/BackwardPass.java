package org.slmruntime.train.cpu;

import java.util.Map;
import java.util.Optional;
import org.slmruntime.cpu.gemm.Matrix;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.gradient.BackwardProgram;
import org.slmruntime.train.gradient.Contribution;
import org.slmruntime.train.gradient.Gradient;

/** The gradients of one batch, float32; used once. */
final class BackwardPass {
  private final BackwardProgram program;
  private final ForwardPass forward;
  private final Kernels kernels;
  private final Buffers buffers;
  private final Map<Weight, float[]> weights;
  private final float[][] values;

  /**
   * @param weights the trained weights' gradients, which are added to
   */
  BackwardPass(
      BackwardProgram program,
      ForwardPass forward,
      Kernels kernels,
      Buffers buffers,
      Map<Weight, float[]> weights) {
    this.program = program;
    this.forward = forward;
    this.kernels = kernels;
    this.buffers = buffers;
    this.weights = weights;
    this.values = new float[program.graph().values().size()][];
  }

  /**
   * Runs all steps from the gradient of the output, which comes from the buffers and goes back to
   * them.
   */
  void run(float[] outputGradient) {
    Value output = program.graph().output();
    values[output.id()] = outputGradient;
    for (Gradient step : program.steps()) {
      float[] dy = values[step.output().id()];
      run(step, dy);
      values[step.output().id()] = null;
      buffers.giveBack(dy);
    }
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
    Value input = g.op().input();
    g.input()
        .ifPresent(d -> kernels.linear.inputGradient(weight, dy, forward.matrix(input, target(d))));
    if (g.ofWeight()) {
      Matrix dw = Matrix.of(weights.get(weight), weight.rows(), weight.columns());
      kernels.linear.weightGradient(dy, forward.matrix(input, forward.value(input)), dw);
    }
    if (g.ofBias()) {
      kernels.linear.biasGradient(dy, weights.get(g.op().bias().orElseThrow()));
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
    float[] query = target(g.query(), g.op().query());
    float[] key = target(g.key(), g.append().key());
    float[] value = target(g.value(), g.append().value());
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
    release(g.query(), query);
    release(g.key(), key);
    release(g.value(), value);
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

  /** The same, or an array that nobody looks at if the term is not wanted. */
  private float[] target(Optional<Contribution> term, Value value) {
    return term.map(this::target).orElseGet(() -> forward.zeros(value));
  }

  private void release(Optional<Contribution> term, float[] data) {
    if (term.isEmpty()) {
      buffers.giveBack(data);
    }
  }
}
