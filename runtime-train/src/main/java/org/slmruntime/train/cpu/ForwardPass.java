package org.slmruntime.train.cpu;

import java.util.HashMap;
import java.util.Map;
import org.slmruntime.cpu.gemm.Matrix;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Rows;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.Dropout;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;

/** The values of a graph for one batch, float32, each of them kept until it is released. */
final class ForwardPass implements AutoCloseable {
  private final TrainingBatch batch;
  private final Kernels kernels;
  private final Buffers buffers;
  private final float[][] values;
  private final Dropout dropout;
  private final Map<KvLayer, Op.KvAppend> cache = new HashMap<>();

  ForwardPass(Graph graph, TrainingBatch batch, Dropout dropout, Kernels kernels, Buffers buffers) {
    batch.requireIdsBelow(graph.vocabulary(), graph.outputWidth());
    this.batch = batch;
    this.dropout = dropout;
    this.kernels = kernels;
    this.buffers = buffers;
    this.values = new float[graph.values().size()][];
  }

  TrainingBatch batch() {
    return batch;
  }

  Dropout dropout() {
    return dropout;
  }

  /** Null if it was not computed or has been released. */
  float[] value(Value value) {
    return values[value.id()];
  }

  void release(Value value) {
    buffers.giveBack(values[value.id()]);
    values[value.id()] = null;
  }

  int rows(Value value) {
    return value.rows() == Rows.TOKENS ? batch.tokenCount() : batch.outputCount();
  }

  int elements(Value value) {
    long elements = (long) rows(value) * value.width();
    if (elements > Integer.MAX_VALUE - 8) {
      throw new TrainException(
          "a batch of "
              + rows(value)
              + " rows of width "
              + value.width()
              + " is too large for one array; use smaller batches");
    }
    return (int) elements;
  }

  float[] zeros(Value value) {
    return buffers.take(elements(value));
  }

  Matrix matrix(Value value, float[] data) {
    return Matrix.of(data, rows(value), value.width());
  }

  /** The attention of an operation over the keys and values of this batch. */
  Attention.Inputs attention(Op.Attention op, Op.KvAppend append) {
    return new Attention.Inputs(
        op,
        value(op.query()),
        value(append.key()),
        value(append.value()),
        op.sinks().map(kernels.weights::vector).orElse(null));
  }

  /** Computes the node's output, which nobody holds. */
  void run(Node node) {
    if (node.op() instanceof Op.KvAppend append) {
      cache.put(append.layer(), append);
      return;
    }
    Value out = node.output().orElseThrow();
    float[] y = zeros(out);
    values[out.id()] = y;
    int count = y.length;
    switch (node.op()) {
      case Op.Embed op -> embed(op.table(), y);
      case Op.Linear op -> linear(op, matrix(out, y));
      case Op.RmsNorm op ->
          kernels.norm(op).apply(value(op.input()), vector(op.weight()), rows(out), y);
      case Op.Rope op ->
          kernels.rotations.add(
              value(op.input()), op.heads(), op.table(), 1, batch, out.width(), y);
      case Op.KvAppend _ -> throw new IllegalStateException("has no output");
      case Op.Attention op ->
          kernels.attention.apply(attention(op, cache.get(op.layer())), batch, y);
      case Op.GatedActivation op ->
          kernels.gating(op.activation()).apply(value(op.gate()), value(op.up()), count, y);
      case Op.Add op -> kernels.pointwise.add(value(op.left()), value(op.right()), count, y);
      case Op.Mul op -> kernels.pointwise.multiply(value(op.left()), value(op.right()), count, y);
      case Op.Scale op -> kernels.pointwise.addScaled(value(op.input()), op.factor(), count, y);
      case Op.Softcap op -> kernels.pointwise.softcap(value(op.input()), op.cap(), count, y);
      case Op.GatherRows op -> gather(value(op.input()), out.width(), y);
    }
  }

  private float[] vector(Weight weight) {
    return kernels.weights.vector(weight);
  }

  private void linear(Op.Linear op, Matrix y) {
    if (dropout.thins(op.weight())) {
      float[] x = thinned(op);
      kernels.linear.apply(op.weight(), matrix(op.input(), x), y);
      buffers.giveBack(x);
    } else {
      kernels.linear.apply(op.weight(), matrix(op.input(), value(op.input())), y);
    }
    op.bias().ifPresent(bias -> kernels.linear.addBias(vector(bias), y));
  }

  /** A layer's input after dropout. */
  float[] thinned(Op.Linear op) {
    float[] x = zeros(op.input());
    kernels.thinning.add(
        dropout, op.weight(), matrix(op.input(), value(op.input())), matrix(op.input(), x));
    return x;
  }

  private void embed(Weight table, float[] y) {
    int width = table.columns();
    kernels.parallel.forEach(
        batch.tokenCount(),
        width,
        (from, to, worker) -> {
          for (int t = from; t < to; t++) {
            kernels.weights.row(table, batch.token(t), y, t * width, worker);
          }
        });
  }

  private void gather(float[] x, int width, float[] y) {
    for (int r = 0; r < batch.outputCount(); r++) {
      System.arraycopy(x, batch.outputToken(r) * width, y, r * width, width);
    }
  }

  @Override
  public void close() {
    for (float[] value : values) {
      if (value != null) {
        buffers.giveBack(value);
      }
    }
  }
}
