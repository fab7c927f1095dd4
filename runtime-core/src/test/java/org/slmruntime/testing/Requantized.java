package org.slmruntime.testing;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/** A copy of a model file with its matrices in another format. */
public final class Requantized {
  private Requantized() {}

  /** Writes the copy and returns its path. */
  public static Path write(Path from, DType type, Path to) {
    GgufWriter writer = new GgufWriter();
    try (GgufFile file = GgufFile.open(from)) {
      file.metadata().values().forEach(writer::put);
      for (StoredTensor tensor : file.tensors()) {
        writer.add(tensor.rows() == 1 ? tensor : encode(tensor, type));
      }
      writer.write(to);
    }
    return to;
  }

  private static StoredTensor encode(StoredTensor tensor, DType type) {
    int elements = Math.toIntExact(tensor.elements());
    float[] values = new float[elements];
    QuantFormats.of(tensor.type()).orElseThrow().decode(tensor.data(), 0, values, 0, elements);
    MemorySegment data = MemorySegment.ofArray(new byte[(int) type.byteSize(elements)]);
    QuantFormats.encoder(type).orElseThrow().encode(values, 0, elements, data, 0);
    return new StoredTensor(tensor.name(), type, tensor.dims(), data);
  }
}
