package org.slmruntime.cpu.ops;

import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.cpu.vector.Exp;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.Value;

/** An operation on each element by itself. */
public final class PointwiseStep extends RowsStep {
  /** Computes elements {@code from .. to - 1}; called once for a chunk of rows. */
  @FunctionalInterface
  public interface Kernel {
    /**
     * @param work {@link Exp#BLOCK} floats of this thread's own
     */
    void apply(int from, int to, float[] work);
  }

  private final int width;
  private final Kernel kernel;
  private final float[][] work;

  /**
   * @param shape any of the operation's inputs
   * @param work {@link Exp#BLOCK} floats for each thread
   */
  public PointwiseStep(Value shape, Kernel kernel, float[][] work, Team team) {
    super(shape.rows(), shape.width(), team);
    this.width = shape.width();
    this.kernel = kernel;
    this.work = work;
  }

  @Override
  void rows(StepInput input, int from, int to, int worker) {
    kernel.apply(from * width, to * width, work[worker]);
  }

  /** {@code left + right}. */
  public static Kernel add(float[] left, float[] right, float[] out) {
    return (from, to, _) -> Pointwise.add(left, right, out, from, to);
  }

  /** {@code left * right}. */
  public static Kernel mul(float[] left, float[] right, float[] out) {
    return (from, to, _) -> Pointwise.mul(left, right, out, from, to);
  }

  /** {@code x * factor}. */
  public static Kernel scale(float[] x, float factor, float[] out) {
    return (from, to, _) -> Pointwise.scale(x, factor, out, from, to);
  }

  /** {@code cap * tanh(x / cap)}. */
  public static Kernel softcap(float[] x, float cap, float[] out) {
    return (from, to, _) -> Exp.softcap(x, cap, out, from, to);
  }

  /** {@code activation(gate) * up}; {@code out} may be one of the two. */
  public static Kernel gated(Activation activation, float[] gate, float[] up, float[] out) {
    return switch (activation) {
      case SILU -> (from, to, work) -> Exp.silu(gate, up, out, from, to, work);
      case GELU_TANH -> (from, to, work) -> Exp.gelu(gate, up, out, from, to, work);
      case RELU_SQUARED -> (from, to, _) -> Pointwise.reluSquared(gate, up, out, from, to);
    };
  }
}
