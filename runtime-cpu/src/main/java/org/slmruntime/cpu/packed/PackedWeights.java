package org.slmruntime.cpu.packed;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Weight;
import org.slmruntime.natives.LargeMemory;

/** A graph's matrices in packed form, in one piece of native memory. Immutable. */
public final class PackedWeights {
  private static final String TASK = "packing weights";
  private static final int ALIGNMENT = 64;

  /**
   * A Q8_0 matrix of fewer weights is read in place. It stays in the cache, so that packing gains
   * nothing, and rounding activations would be the larger of its errors.
   */
  private static final int SMALL = 1 << 17;

  private final Map<Weight, PackedMatrix> matrices = new HashMap<>();

  private PackedWeights() {}

  /** The weights of a graph that are packed: those of linear layers, where it pays. */
  public static Map<Weight, PackedFormat> of(Graph graph, Weights weights) {
    Map<Weight, PackedFormat> packed = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Linear op) {
        PackedFormat.of(weights.get(op.weight()).type())
            .filter(format -> format != PackedFormat.Q8_0 || op.weight().elements() >= SMALL)
            .ifPresent(format -> packed.put(op.weight(), format));
      }
    }
    return packed;
  }

  /** Bytes of native memory that they take. */
  public static long byteSize(Graph graph, Weights weights) {
    return of(graph, weights).entrySet().stream()
        .mapToLong(entry -> room(entry.getKey(), entry.getValue()))
        .sum();
  }

  private static long room(Weight weight, PackedFormat format) {
    long bytes = format.byteSize(weight.rows(), weight.columns());
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  /**
   * Packs them. What was read of a mapped file is then let go of, so that no weight is in memory
   * twice.
   *
   * @param arena of the memory
   */
  public static PackedWeights pack(
      Graph graph, Weights weights, Arena arena, Team team, ProgressListener progress) {
    PackedWeights packed = new PackedWeights();
    long total = byteSize(graph, weights);
    if (total == 0) {
      return packed;
    }
    MemorySegment memory = LargeMemory.allocate(arena, total);
    PackingScratch[] scratch = scratch(graph, weights, team.size());
    long at = 0;
    for (Map.Entry<Weight, PackedFormat> entry : of(graph, weights).entrySet()) {
      Weight weight = entry.getKey();
      long room = room(weight, entry.getValue());
      MemorySegment target = memory.asSlice(at, room, ALIGNMENT);
      PackedMatrix matrix =
          new PackedMatrix(entry.getValue(), weight.rows(), weight.columns(), target);
      MatrixPacking packing = new MatrixPacking(matrix, weights.get(weight).data(), scratch);
      team.run(packing);
      packing.finish();
      packed.matrices.put(weight, matrix);
      at += room;
      progress.onProgress(TASK, at, total);
    }
    return packed;
  }

  private static PackingScratch[] scratch(Graph graph, Weights weights, int threads) {
    long rowBytes =
        of(graph, weights).keySet().stream()
            .mapToLong(weight -> weights.get(weight).type().byteSize(weight.columns()))
            .max()
            .orElse(0);
    PackingScratch[] scratch = new PackingScratch[threads];
    Arrays.setAll(scratch, _ -> new PackingScratch(rowBytes));
    return scratch;
  }

  /** The packed form of a weight; empty if it has none. */
  public Optional<PackedMatrix> get(Weight weight) {
    return Optional.ofNullable(matrices.get(weight));
  }
}
