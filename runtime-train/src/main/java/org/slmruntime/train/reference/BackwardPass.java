package org.slmruntime.train.reference;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.gradient.BackwardProgram;
import org.slmruntime.train.gradient.Contribution;
import org.slmruntime.train.gradient.Gradient;

/** The gradients of one batch; used once. */
final class BackwardPass {
  private final BackwardProgram program;
  private final ForwardPass forward;
  private final double[][] values;
  private final Map<Weight, double[]> weights = new LinkedHashMap<>();

  BackwardPass(BackwardProgram program, ForwardPass forward) {
    this.program = program;
    this.forward = forward;
    this.values = new double[program.graph().values().size()][];
    program.trained().forEach(w -> weights.put(w, new double[forward.weight(w).length]));
  }

  /** Runs all steps from the gradient of the output; returns those of the weights. */
  Map<Weight, double[]> run(double[] outputGradient) {
    values[program.graph().output().id()] = outputGradient;
    for (Gradient step : program.steps()) {
      run(step, values[step.output().id()]);
    }
    return weights;
  }

  private void run(Gradient step, double[] dy) {
    int width = step.output().width();
    switch (step) {
      case Gradient.Embed g ->
          Gathering.embedGradient(dy, forward.batch(), width, weights.get(g.op().table()));
      case Gradient.Linear g -> linear(g, dy);
      case Gradient.RmsNorm g -> rmsNorm(g, dy);
      case Gradient.Rope g ->
          Rotation.gradient(
              dy, g.op().heads(), g.op().table(), forward.batch(), width, target(g.input()));
      case Gradient.Attention g -> attention(g, dy);
      case Gradient.GatedActivation g -> gated(g, dy);
      case Gradient.Add g -> {
        g.left().ifPresent(left -> Pointwise.addScaled(dy, 1, target(left)));
        g.right().ifPresent(right -> Pointwise.addScaled(dy, 1, target(right)));
      }
      case Gradient.Mul g -> {
        double[] left = forward.value(g.op().left());
        double[] right = forward.value(g.op().right());
        g.left().ifPresent(d -> Pointwise.addProduct(dy, right, target(d)));
        g.right().ifPresent(d -> Pointwise.addProduct(dy, left, target(d)));
      }
      case Gradient.Scale g -> Pointwise.addScaled(dy, g.op().factor(), target(g.input()));
      case Gradient.Softcap g ->
          Pointwise.softcapGradient(dy, forward.value(g.output()), g.op().cap(), target(g.input()));
      case Gradient.GatherRows g ->
          Gathering.rowsGradient(dy, forward.batch(), width, target(g.input()));
    }
  }

  private void linear(Gradient.Linear g, double[] dy) {
    Weight weight = g.op().weight();
    int columns = weight.columns();
    g.input()
        .ifPresent(
            x -> {
              double[] dx = forward.zeros(x.input());
              Products.inputGradient(dy, forward.weight(weight), columns, dx);
              Pointwise.addScaled(forward.thinned(weight, dx), 1, target(x));
            });
    if (g.ofWeight()) {
      Products.weightGradient(dy, forward.input(g.op()), columns, weights.get(weight));
    }
    if (g.ofBias()) {
      Products.biasGradient(dy, weights.get(g.op().bias().orElseThrow()));
    }
  }

  private void rmsNorm(Gradient.RmsNorm g, double[] dy) {
    int width = g.output().width();
    int groups = g.op().groups();
    double epsilon = g.op().epsilon();
    double[] x = forward.value(g.op().input());
    double[] w = forward.weight(g.op().weight());
    g.input().ifPresent(d -> RmsNorms.inputGradient(dy, x, w, groups, epsilon, width, target(d)));
    if (g.ofWeight()) {
      RmsNorms.weightGradient(dy, x, groups, epsilon, width, weights.get(g.op().weight()));
    }
  }

  private void attention(Gradient.Attention g, double[] dy) {
    double[] query = target(g.query(), g.op().query());
    double[] key = target(g.key(), g.append().key());
    double[] value = target(g.value(), g.append().value());
    double[] sinks =
        g.ofSinks() ? weights.get(g.op().sinks().orElseThrow()) : new double[g.op().heads()];
    forward.attention(g.op(), g.append()).gradient(dy, query, key, value, sinks);
  }

  private void gated(Gradient.GatedActivation g, double[] dy) {
    double[] gate = forward.value(g.op().gate());
    double[] up = forward.value(g.op().up());
    g.gate().ifPresent(d -> Gating.gateGradient(g.op().activation(), dy, gate, up, target(d)));
    g.up().ifPresent(d -> Gating.upGradient(g.op().activation(), dy, gate, target(d)));
  }

  /** What a term is added to: zeros, if it is the first. */
  private double[] target(Contribution term) {
    if (!term.adds()) {
      values[term.input().id()] = forward.zeros(term.input());
    }
    return values[term.input().id()];
  }

  /** The same, or an array that nobody looks at if the term is not wanted. */
  private double[] target(Optional<Contribution> term, Value value) {
    return term.map(this::target).orElseGet(() -> forward.zeros(value));
  }
}
