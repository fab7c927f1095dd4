package org.slmruntime.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.attention.AppendStep;
import org.slmruntime.cpu.attention.AttentionKernel;
import org.slmruntime.cpu.attention.AttentionScratch;
import org.slmruntime.cpu.attention.AttentionShape;
import org.slmruntime.cpu.attention.AttentionStep;
import org.slmruntime.cpu.attention.KvCache;
import org.slmruntime.cpu.attention.Partials;
import org.slmruntime.cpu.attention.WorkList;
import org.slmruntime.cpu.matmul.ActivationSizes;
import org.slmruntime.cpu.matmul.Activations;
import org.slmruntime.cpu.matmul.LinearKernel;
import org.slmruntime.cpu.matmul.LinearScratch;
import org.slmruntime.cpu.matmul.LinearStep;
import org.slmruntime.cpu.matmul.MappedLinear;
import org.slmruntime.cpu.matmul.PackedLinear;
import org.slmruntime.cpu.ops.EmbedStep;
import org.slmruntime.cpu.ops.GatherStep;
import org.slmruntime.cpu.ops.NormStep;
import org.slmruntime.cpu.ops.PointwiseStep;
import org.slmruntime.cpu.ops.RopeAngles;
import org.slmruntime.cpu.ops.RopeStep;
import org.slmruntime.cpu.packed.PackedMatrix;
import org.slmruntime.cpu.packed.PackedWeights;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.cpu.vector.Exp;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.cpu.vector.RowDecoders;
import org.slmruntime.cpu.vector.RowScratch;
import org.slmruntime.cpu.vector.StoredRows;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;

/**
 * Turns groups of nodes into instructions. What layers share (scratch, rope angles) is made once.
 */
final class StepCompiler {
  private final Weights weights;
  private final PlanOptions options;
  private final Team team;
  private final Arena arena;
  private final float[][] pointwiseWork;
  private final float[][] buffers;
  private final KvCache[] caches;
  private final Map<RotaryTable, RopeAngles> angles = new HashMap<>();
  private final Activations activations;
  private final PackedWeights packed;
  private final LinearScratch[] linearScratch;
  private final float[][] lanes;
  private final RowScratch vectorScratch = new RowScratch(1);
  private final Map<AttentionShape, AttentionScratch[]> attentionScratch = new HashMap<>();
  private final Map<AttentionShape, Partials> partials = new HashMap<>();
  private final Map<AttentionShape, WorkList> workLists = new HashMap<>();

  StepCompiler(
      Graph graph,
      Weights weights,
      PlanOptions options,
      Team team,
      Arena arena,
      PackedWeights packed,
      float[][] buffers) {
    this.weights = weights;
    this.options = options;
    this.team = team;
    this.arena = arena;
    this.pointwiseWork = new float[team.size()][Exp.BLOCK];
    this.buffers = buffers;
    this.caches =
        graph.kvLayers().stream()
            .map(layer -> new KvCache(layer, options, arena))
            .toArray(KvCache[]::new);
    int columns = columns(graph);
    this.linearScratch = new LinearScratch[team.size()];
    Arrays.setAll(linearScratch, _ -> new LinearScratch(columns));
    this.activations = new Activations(activationSizes(graph, weights, options));
    this.packed = packed;
    this.lanes = new float[team.size()][Lanes.SCRATCH];
  }

  /** Of the widest matrix. */
  static int columns(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> node.op() instanceof Op.Linear)
        .mapToInt(node -> ((Op.Linear) node.op()).weight().columns())
        .max()
        .orElse(1);
  }

  /** The room that inputs of linear layers take. */
  static ActivationSizes activationSizes(Graph graph, Weights weights, PlanOptions options) {
    return ActivationSizes.of(graph, weights, PackedWeights.of(graph, weights), options);
  }

  /** The rope tables that must be filled before the instructions run. */
  RopeAngles[] angles() {
    return angles.values().toArray(RopeAngles[]::new);
  }

  Step compile(List<Node> group) {
    Node node = group.getFirst();
    float[] out = node.output().map(this::buffer).orElse(null);
    return switch (node.op()) {
      case Op.Linear _ -> linear(group);
      case Op.Embed op ->
          new EmbedStep(
              StoredRows.of(outsideTheHeap(weights.get(op.table())), op.table().columns()), out);
      case Op.RmsNorm op ->
          new NormStep(op, buffer(op.input()), vector(op.weight()), out, lanes, team);
      case Op.Rope op -> {
        RopeAngles table =
            angles.computeIfAbsent(op.table(), t -> new RopeAngles(t, options.maxTokens()));
        yield new RopeStep(op, buffer(op.input()), table, out, team);
      }
      case Op.KvAppend op ->
          new AppendStep(
              caches[op.layer().index()], buffer(op.key()), buffer(op.value()), team, options);
      case Op.Attention op -> attention(op, out);
      case Op.GatedActivation op ->
          pointwise(
              op.gate(),
              PointwiseStep.gated(op.activation(), buffer(op.gate()), buffer(op.up()), out));
      case Op.Add op ->
          pointwise(op.left(), PointwiseStep.add(buffer(op.left()), buffer(op.right()), out));
      case Op.Mul op ->
          pointwise(op.left(), PointwiseStep.mul(buffer(op.left()), buffer(op.right()), out));
      case Op.Scale op ->
          pointwise(op.input(), PointwiseStep.scale(buffer(op.input()), op.factor(), out));
      case Op.Softcap op ->
          pointwise(op.input(), PointwiseStep.softcap(buffer(op.input()), op.cap(), out));
      case Op.GatherRows op -> new GatherStep(op.input().width(), buffer(op.input()), out);
    };
  }

  private Step pointwise(Value shape, PointwiseStep.Kernel kernel) {
    return new PointwiseStep(shape, kernel, pointwiseWork, team);
  }

  private Step linear(List<Node> group) {
    Value input = ((Op.Linear) group.getFirst().op()).input();
    LinearStep.Part[] parts =
        group.stream()
            .map(
                node -> {
                  Op.Linear op = (Op.Linear) node.op();
                  float[] bias = op.bias().map(this::vector).orElse(null);
                  float[] out = buffer(node.output().orElseThrow());
                  return new LinearStep.Part(kernel(op.weight()), bias, out);
                })
            .toArray(LinearStep.Part[]::new);
    return new LinearStep(parts, input.rows(), buffer(input), activations, linearScratch, team);
  }

  private Step attention(Op.Attention op, float[] out) {
    float[] sinks = op.sinks().map(this::vector).orElse(null);
    AttentionShape shape = AttentionShape.of(op, options);
    AttentionScratch[] scratch =
        attentionScratch.computeIfAbsent(shape, s -> AttentionScratch.forThreads(s, team.size()));
    KvCache cache = caches[op.layer().index()];
    AttentionKernel kernel = new AttentionKernel(op, shape, cache, buffer(op.query()), sinks, out);
    return new AttentionStep(
        kernel,
        shape,
        scratch,
        partials.computeIfAbsent(shape, Partials::new),
        workLists.computeIfAbsent(shape, s -> new WorkList(s, options, team.size())),
        team);
  }

  private float[] buffer(Value value) {
    return buffers[value.id()];
  }

  private LinearKernel kernel(Weight weight) {
    Optional<PackedMatrix> matrix = packed.get(weight);
    if (matrix.isPresent()) {
      return new PackedLinear(matrix.get());
    }
    Weights.Stored stored = outsideTheHeap(weights.get(weight));
    return new MappedLinear(stored, weight.rows(), weight.columns());
  }

  /** C2 does not turn reads of Java arrays through segments into loads of whole vectors. */
  private Weights.Stored outsideTheHeap(Weights.Stored stored) {
    MemorySegment data = stored.data();
    if (data.isNative()) {
      return stored;
    }
    return new Weights.Stored(stored.type(), arena.allocate(data.byteSize(), 64).copyFrom(data));
  }

  private float[] vector(Weight weight) {
    Weights.Stored stored = weights.get(weight);
    float[] values = new float[weight.columns()];
    RowDecoders.of(stored.type()).decode(stored.data(), 0, values, 0, values.length, vectorScratch);
    return values;
  }
}
