package org.slmruntime.lora;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.TensorData;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.model.Model;
import org.slmruntime.quant.QuantEncoder;
import org.slmruntime.quant.QuantFormat;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/** Writes a model with its adapters in its weights: W + scale B A. */
public final class LoraMerge {
  /** Weights that are decoded, changed and encoded at once. */
  private static final int CHUNK = 1 << 20;

  private final Model model;
  private final Optional<DType> type;
  private final ProgressListener progress;

  /** One of the changes of a matrix, decoded. */
  private record Decoded(int firstRow, LowRank change, float[] a, float[] b) {
    static Decoded of(Adapters.BoundChange bound) {
      LowRank change = bound.lowRank();
      int firstRow = Math.toIntExact(change.base().offset() / change.base().columns());
      return new Decoded(firstRow, change, bound.a().values(), bound.b().values());
    }

    /** Adds the change of one row of the matrix, if it has one. */
    void add(long row, float[] weights, int at) {
      long own = row - firstRow;
      if (own < 0 || own >= change.base().rows()) {
        return;
      }
      int columns = change.base().columns();
      for (int r = 0; r < change.rank(); r++) {
        float factor = change.scale() * b[(int) own * change.rank() + r];
        for (int c = 0; c < columns; c++) {
          weights[at + c] += factor * a[r * columns + c];
        }
      }
    }
  }

  private LoraMerge(Model model, Optional<DType> type, ProgressListener progress) {
    this.model = model;
    this.type = type;
    this.progress = progress;
  }

  /**
   * Writes the file, whole or not at all. Tensors that no adapter changes are copied as they are.
   *
   * @param model stays open
   * @param type of the changed matrices; empty for their own where it can be encoded, else F16
   * @throws org.slmruntime.SlmException if an adapter does not fit, a matrix cannot be encoded, or
   *     the file cannot be written
   */
  public static void write(
      Model model,
      List<ScaledAdapter> adapters,
      Optional<DType> type,
      Path path,
      ProgressListener progress) {
    List<Adapter> open = new ArrayList<>();
    try {
      Map<String, List<Adapters.BoundChange>> changes =
          Adapters.bind(model, adapters, open).stream()
              .collect(
                  Collectors.groupingBy(
                      change -> change.base().name(), LinkedHashMap::new, Collectors.toList()));
      new LoraMerge(model, type, progress).write(changes, path);
    } finally {
      open.forEach(Adapter::close);
    }
  }

  private void write(Map<String, List<Adapters.BoundChange>> changes, Path path) {
    refuseEmbeddings(changes);
    GgufWriter writer = new GgufWriter();
    model
        .file()
        .metadata()
        .values()
        .forEach(
            (key, value) -> {
              // The parts of a split model become one file.
              if (!key.startsWith("split.")) {
                writer.put(key, value);
              }
            });
    int all = model.file().tensors().size();
    int done = 0;
    for (StoredTensor tensor : model.file().tensors()) {
      List<Adapters.BoundChange> its = changes.getOrDefault(tensor.name(), List.of());
      DType itsType = its.isEmpty() ? tensor.type() : mergedType(tensor);
      TensorData data = its.isEmpty() ? TensorData.of(tensor.data()) : merged(tensor, its, itsType);
      int number = ++done;
      writer.add(
          tensor.name(),
          itsType,
          tensor.dims(),
          out -> {
            data.writeTo(out);
            progress.onProgress("merging", number, all);
          });
    }
    writer.write(path);
  }

  /** Merging would change the embedding too, which the adapter does not. */
  private void refuseEmbeddings(Map<String, List<Adapters.BoundChange>> changes) {
    for (Node node : model.graph().nodes()) {
      if (node.op() instanceof Op.Embed embed && changes.containsKey(embed.table().name())) {
        throw new AdapterException(
            model.file().source()
                + ": the adapter changes the output layer, whose matrix "
                + embed.table().name()
                + " is the embedding too: it cannot be merged");
      }
    }
  }

  private DType mergedType(StoredTensor tensor) {
    DType own = QuantFormats.encoder(tensor.type()).isPresent() ? tensor.type() : DType.F16;
    return type.orElse(own);
  }

  private static TensorData merged(
      StoredTensor tensor, List<Adapters.BoundChange> changes, DType to) {
    QuantFormat from =
        QuantFormats.of(tensor.type())
            .orElseThrow(() -> new AdapterException("tensor " + tensor + " cannot be decoded"));
    QuantEncoder encoder =
        QuantFormats.encoder(to)
            .orElseThrow(() -> new AdapterException("type " + to + " cannot be encoded"));
    return out -> write(tensor, from, changes.stream().map(Decoded::of).toList(), encoder, out);
  }

  private static void write(
      StoredTensor tensor,
      QuantFormat from,
      List<Decoded> changes,
      QuantEncoder to,
      OutputStream out)
      throws IOException {
    int columns = Math.toIntExact(tensor.columns());
    int chunk = (int) Math.clamp(CHUNK / columns, 1, tensor.rows());
    long storedRow = tensor.type().byteSize(columns);
    int writtenRow = Math.toIntExact(to.type().byteSize(columns));
    float[] weights = new float[Math.multiplyExact(chunk, columns)];
    byte[] bytes = new byte[Math.multiplyExact(chunk, writtenRow)];
    MemorySegment target = MemorySegment.ofArray(bytes);
    for (long first = 0; first < tensor.rows(); first += chunk) {
      long row = first;
      int rows = (int) Math.min(chunk, tensor.rows() - first);
      IntStream.range(0, rows)
          .parallel()
          .forEach(
              i -> {
                int at = i * columns;
                from.decode(tensor.data(), (row + i) * storedRow, weights, at, columns);
                changes.forEach(change -> change.add(row + i, weights, at));
                to.encode(weights, at, columns, target, (long) i * writtenRow);
              });
      out.write(bytes, 0, rows * writtenRow);
    }
  }
}
