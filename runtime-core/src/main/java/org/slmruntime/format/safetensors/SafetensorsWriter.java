package org.slmruntime.format.safetensors;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.format.AtomicFile;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.TensorData;
import org.slmruntime.json.Json;
import org.slmruntime.tensor.DType;

/**
 * Writes a safetensors file. Tensors come in the order of their element sizes, the largest first,
 * so that each is aligned; those of the same size keep their order. Nothing is copied before it is
 * written. Not thread-safe.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, Entry> tensors = new LinkedHashMap<>();

  private record Entry(String name, DType type, List<Long> dims, long bytes, TensorData data) {}

  /** Sets one text of the metadata. */
  public SafetensorsWriter put(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /** Adds a tensor; its bytes are read when the file is written. */
  public SafetensorsWriter add(StoredTensor tensor) {
    return add(tensor.name(), tensor.type(), tensor.dims(), TensorData.of(tensor.data()));
  }

  /**
   * Adds a tensor whose bytes are made when the file is written.
   *
   * @param dims sizes, fastest varying first, at most four
   * @throws FormatException if the format has no such type, or the name is taken
   */
  public SafetensorsWriter add(String name, DType type, List<Long> dims, TensorData data) {
    if (dims.size() > SafetensorsHeader.MAX_DIMENSIONS || dims.stream().anyMatch(d -> d < 0)) {
      throw new FormatException("tensor " + name + " has impossible dimensions " + dims);
    }
    if (name.equals(SafetensorsHeader.METADATA)) {
      throw new FormatException("no tensor can be named " + name);
    }
    Entry entry = new Entry(name, type, List.copyOf(dims), bytes(name, type, dims), data);
    if (tensors.put(name, entry) != null) {
      throw new FormatException("tensor " + name + " is added twice");
    }
    return this;
  }

  /**
   * Adds a tensor of numbers, encoded when the file is written.
   *
   * @param type F32, F16 or BF16
   * @param dims sizes, fastest varying first, at most four
   * @param values as many as the sizes say, not copied
   * @throws FormatException if the type is another or the count is
   */
  public SafetensorsWriter add(String name, DType type, List<Long> dims, float[] values) {
    long elements = bytes(name, type, dims) / type.blockBytes();
    return add(name, type, dims, TensorData.of(name + " " + dims, type, elements, values));
  }

  private static long bytes(String name, DType type, List<Long> dims) {
    if (!SafetensorsTypes.has(type)) {
      throw new FormatException("tensor " + name + ": safetensors cannot hold " + type);
    }
    try {
      return type.byteSize(dims.stream().reduce(1L, Math::multiplyExact));
    } catch (ArithmeticException e) {
      throw new FormatException("tensor " + name + " " + dims + " is too large", e);
    }
  }

  /** Writes the file whole or not at all; see {@link AtomicFile}. */
  public void write(Path path) {
    List<Entry> ordered =
        tensors.values().stream()
            .sorted(Comparator.comparing((Entry e) -> e.type.blockBytes()).reversed())
            .toList();
    byte[] header = header(ordered);
    if (header.length > SafetensorsHeader.MAX_BYTES) {
      throw new FormatException(
          path + ": " + tensors.size() + " tensors are too many for one file");
    }
    AtomicFile.write(path, out -> write(header, ordered, out));
  }

  private byte[] header(List<Entry> ordered) {
    Map<String, Object> json = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      json.put(SafetensorsHeader.METADATA, metadata);
    }
    long begin = 0;
    for (Entry entry : ordered) {
      long end = Math.addExact(begin, entry.bytes);
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("dtype", entry.type.name());
      fields.put("shape", entry.dims.reversed());
      fields.put("data_offsets", List.of(begin, end));
      json.put(entry.name, fields);
      begin = end;
    }
    byte[] text = Json.write(json).getBytes(StandardCharsets.UTF_8);
    int padding = Math.ceilDiv(text.length, ALIGNMENT) * ALIGNMENT - text.length;
    return ByteBuffer.allocate(text.length + padding)
        .put(text)
        .put(" ".repeat(padding).getBytes(StandardCharsets.UTF_8))
        .array();
  }

  private static void write(byte[] header, List<Entry> ordered, OutputStream out)
      throws IOException {
    out.write(
        ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .array());
    out.write(header);
    for (Entry entry : ordered) {
      entry.data.writeExactly(entry.name, entry.bytes, out);
    }
  }
}
