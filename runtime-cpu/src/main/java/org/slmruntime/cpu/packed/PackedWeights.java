package org.slmruntime.cpu.packed;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.packed.file.PackedCache;
import org.slmruntime.cpu.packed.file.PackedFile;
import org.slmruntime.cpu.packed.file.PackedKey;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Weight;
import org.slmruntime.natives.LargeMemory;

/** A graph's matrices in packed form, in one piece of native memory. Immutable. */
public final class PackedWeights implements AutoCloseable {
  private static final String TASK = "packing weights";
  private static final int ALIGNMENT = 64;

  /**
   * A Q8_0 matrix of fewer weights is read in place. It stays in the cache, so that packing gains
   * nothing, and rounding activations would be the larger of its errors.
   */
  private static final int SMALL = 1 << 17;

  /**
   * If the larger ones have fewer in all, kernels of their own cost more to compile than they save.
   */
  private static final int FEW = 1 << 19;

  private final Map<Weight, PackedMatrix> matrices = new LinkedHashMap<>();
  private final Optional<PackedFile> file;

  private PackedWeights(
      Map<Weight, PackedFormat> formats, MemorySegment memory, Optional<PackedFile> file) {
    this.file = file;
    long at = 0;
    for (Map.Entry<Weight, PackedFormat> entry : formats.entrySet()) {
      Weight weight = entry.getKey();
      long room = room(weight, entry.getValue());
      MemorySegment data = memory.asSlice(at, room, ALIGNMENT);
      matrices.put(
          weight, new PackedMatrix(entry.getValue(), weight.rows(), weight.columns(), data));
      at += room;
    }
  }

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
    return areFew(packed) ? Map.of() : packed;
  }

  private static boolean areFew(Map<Weight, PackedFormat> packed) {
    boolean plain = packed.values().stream().allMatch(format -> format == PackedFormat.Q8_0);
    return plain && packed.keySet().stream().mapToLong(Weight::elements).sum() < FEW;
  }

  /** Bytes of native memory that they take. */
  public static long byteSize(Graph graph, Weights weights) {
    return byteSize(of(graph, weights));
  }

  private static long byteSize(Map<Weight, PackedFormat> formats) {
    return formats.entrySet().stream()
        .mapToLong(entry -> room(entry.getKey(), entry.getValue()))
        .sum();
  }

  private static long room(Weight weight, PackedFormat format) {
    long bytes = format.byteSize(weight.rows(), weight.columns());
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  /**
   * Packs them, or takes them from the cache, where then nothing is read of the originals but a
   * sample. What was read of a mapped file is let go of, so that no weight is in memory twice.
   *
   * @param arena of the memory, if they are packed
   * @param cache where they are looked for and kept
   */
  public static PackedWeights load(
      Graph graph,
      Weights weights,
      Arena arena,
      Team team,
      Optional<PackedCache> cache,
      ProgressListener progress) {
    Map<Weight, PackedFormat> formats = of(graph, weights);
    long total = byteSize(formats);
    if (total == 0) {
      return new PackedWeights(Map.of(), MemorySegment.NULL, Optional.empty());
    }
    Optional<PackedKey> key = cache.flatMap(_ -> PackedIdentity.of(formats, weights, total));
    Optional<PackedFile> file = key.flatMap(k -> cache.get().find(k, team, progress));
    if (file.isPresent()) {
      return new PackedWeights(formats, file.get().data(), file);
    }
    MemorySegment memory = LargeMemory.allocate(arena, total);
    PackedWeights packed = new PackedWeights(formats, memory, Optional.empty());
    packed.fill(weights, team, progress);
    // Not if the model's file was changed meanwhile.
    if (key.isPresent() && key.equals(PackedIdentity.of(formats, weights, total))) {
      cache.get().keep(key.get(), memory, team, progress);
    }
    return packed;
  }

  private void fill(Weights weights, Team team, ProgressListener progress) {
    PackingScratch[] scratch = scratch(weights, team.size());
    long total = matrices.values().stream().mapToLong(matrix -> matrix.data().byteSize()).sum();
    long done = 0;
    for (Map.Entry<Weight, PackedMatrix> entry : matrices.entrySet()) {
      PackedMatrix matrix = entry.getValue();
      MatrixPacking packing =
          new MatrixPacking(matrix, weights.get(entry.getKey()).data(), scratch);
      team.run(packing);
      packing.finish();
      done += matrix.data().byteSize();
      progress.onProgress(TASK, done, total);
    }
  }

  private PackingScratch[] scratch(Weights weights, int threads) {
    long rowBytes =
        matrices.keySet().stream()
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

  /**
   * Looks whether they are still all there, before a step reads them.
   *
   * @throws org.slmruntime.backend.spi.BackendException if they lie in a file that was cut
   */
  public void requireWhole() {
    if (file.isPresent()) {
      file.get().requireWhole();
    }
  }

  /** Lets go of the file that they lie in, if they do. */
  @Override
  public void close() {
    file.ifPresent(PackedFile::close);
  }
}
