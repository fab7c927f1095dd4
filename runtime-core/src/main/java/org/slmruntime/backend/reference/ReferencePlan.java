package org.slmruntime.backend.reference;

import java.util.HashMap;
import java.util.Map;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Rows;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;

/** Runs the nodes one after the other; every value has its own buffer. */
final class ReferencePlan implements Plan {
  private final Graph graph;
  private final PlanOptions options;
  private final MemoryUse memory;
  private final int vocabulary;
  private final Map<Weight, DecodedRows> rows = new HashMap<>();
  private final Map<Weight, float[]> vectors = new HashMap<>();
  private float[][] buffers;
  private ReferenceKvCache[] caches;

  ReferencePlan(Graph graph, Weights weights, PlanOptions options, MemoryUse memory) {
    this.graph = graph;
    this.options = options;
    this.memory = memory;
    this.vocabulary = graph.vocabulary();
    for (Weight weight : graph.weights()) {
      DecodedRows decoded = new DecodedRows(weight, weights.get(weight));
      rows.put(weight, decoded);
      if (weight.rows() == 1) {
        vectors.put(weight, decoded.row(0).clone());
      }
    }
    buffers = new float[graph.values().size()][];
    for (Value value : graph.values()) {
      long size = ReferenceBackend.bufferSize(value, options);
      if (size > Integer.MAX_VALUE - 8) {
        throw new BackendException(
            "a step of "
                + options.maxTokens()
                + " tokens and width "
                + value.width()
                + " is too large for one array; use smaller steps");
      }
      buffers[value.id()] = new float[(int) size];
    }
    caches =
        graph.kvLayers().stream()
            .map(layer -> new ReferenceKvCache(layer, options))
            .toArray(ReferenceKvCache[]::new);
  }

  @Override
  public float[] step(StepInput input) {
    if (buffers == null) {
      throw new BackendException("the plan is closed");
    }
    input.check(options, vocabulary);
    for (Node node : graph.nodes()) {
      run(node, input);
      if (node.output().isPresent()) {
        Value value = node.output().get();
        options.observer().onValue(node, rowsOf(value, input), buffers[value.id()]);
      }
    }
    return buffers[graph.output().id()];
  }

  @Override
  public MemoryUse memory() {
    return memory;
  }

  @Override
  public void close() {
    buffers = null;
    caches = null;
  }

  private void run(Node node, StepInput input) {
    float[] out = node.output().map(v -> buffers[v.id()]).orElse(null);
    int width = node.output().map(Value::width).orElse(0);
    int count = node.output().map(v -> rowsOf(v, input)).orElse(input.tokenCount());
    switch (node.op()) {
      case Op.Embed op -> embed(op, input, out);
      case Op.Linear op -> linear(op, count, out);
      case Op.RmsNorm op ->
          ReferenceOps.rmsNorm(
              in(op.input()),
              vectors.get(op.weight()),
              op.groups(),
              op.epsilon(),
              count,
              width,
              out);
      case Op.Rope op ->
          ReferenceOps.rope(in(op.input()), op.heads(), op.table(), input, width, out);
      case Op.KvAppend op -> caches[op.layer().index()].append(in(op.key()), in(op.value()), input);
      case Op.Attention op -> {
        float[] sinks = op.sinks().map(vectors::get).orElse(null);
        ReferenceAttention.run(op, in(op.query()), caches[op.layer().index()], sinks, input, out);
      }
      case Op.GatedActivation op ->
          ReferenceOps.gated(in(op.gate()), in(op.up()), op.activation(), count * width, out);
      case Op.Add op -> ReferenceOps.add(in(op.left()), in(op.right()), count * width, out);
      case Op.Mul op -> ReferenceOps.mul(in(op.left()), in(op.right()), count * width, out);
      case Op.Scale op -> ReferenceOps.scale(in(op.input()), op.factor(), count * width, out);
      case Op.Softcap op -> ReferenceOps.softcap(in(op.input()), op.cap(), count * width, out);
      case Op.GatherRows op -> {
        for (int r = 0; r < count; r++) {
          System.arraycopy(in(op.input()), input.outputToken(r) * width, out, r * width, width);
        }
      }
    }
  }

  private void embed(Op.Embed op, StepInput input, float[] out) {
    int width = op.table().columns();
    for (int t = 0; t < input.tokenCount(); t++) {
      System.arraycopy(rows.get(op.table()).row(input.token(t)), 0, out, t * width, width);
    }
  }

  private void linear(Op.Linear op, int count, float[] out) {
    float[] x = in(op.input());
    float[] bias = op.bias().map(vectors::get).orElse(null);
    int columns = op.weight().columns();
    int outputs = op.weight().rows();
    for (int r = 0; r < outputs; r++) {
      float[] row = rows.get(op.weight()).row(r);
      for (int t = 0; t < count; t++) {
        double sum = bias == null ? 0 : bias[r];
        for (int c = 0; c < columns; c++) {
          sum += (double) row[c] * x[t * columns + c];
        }
        out[t * outputs + r] = (float) sum;
      }
    }
  }

  private float[] in(Value value) {
    return buffers[value.id()];
  }

  private static int rowsOf(Value value, StepInput input) {
    return value.rows() == Rows.TOKENS ? input.tokenCount() : input.outputCount();
  }
}
