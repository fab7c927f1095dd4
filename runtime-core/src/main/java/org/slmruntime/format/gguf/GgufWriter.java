package org.slmruntime.format.gguf;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.format.AtomicFile;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.TensorData;
import org.slmruntime.tensor.DType;

/**
 * Writes GGUF version 3. Values have the types of {@link org.slmruntime.format.Metadata}; a {@link
 * Long} becomes a u32 where it fits and a 64-bit integer otherwise, a {@link Double} an f32; {@link
 * Integer} and {@link Float} are taken as those. Tensors keep their order; {@code
 * general.alignment}, if set, decides their padding. Not thread-safe.
 */
public final class GgufWriter {
  private static final long DEFAULT_ALIGNMENT = 32;

  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final Map<String, Entry> tensors = new LinkedHashMap<>();

  private record Entry(String name, DType type, List<Long> dims, long bytes, TensorData data) {}

  /**
   * Sets one metadata value.
   *
   * @throws FormatException if the key is empty, or GGUF has no type for the value
   */
  public GgufWriter put(String key, Object value) {
    if (key.isEmpty() || key.indexOf('\0') >= 0) {
      throw new FormatException("a metadata key is empty or contains NUL: \"" + key + "\"");
    }
    metadata.put(key, storable(key, value));
    return this;
  }

  private static Object storable(String key, Object value) {
    return switch (value) {
      case Integer i -> Long.valueOf(i);
      case Float f -> Double.valueOf(f);
      case Long _, Double _, Boolean _, String _ -> value;
      case int[] _, long[] _, float[] _, double[] _, boolean[] _ -> value;
      case List<?> list when list.stream().allMatch(String.class::isInstance) -> value;
      case null -> throw new FormatException("metadata key " + key + " has no value");
      default ->
          throw new FormatException(
              "metadata key " + key + ": GGUF cannot hold a " + value.getClass().getName());
    };
  }

  /** Adds a tensor; its bytes are read when the file is written. */
  public GgufWriter add(StoredTensor tensor) {
    if (tensor.data().byteSize() != tensor.type().byteSize(tensor.elements())) {
      throw new FormatException(tensor + " has " + tensor.data().byteSize() + " bytes of data");
    }
    return add(tensor.name(), tensor.type(), tensor.dims(), TensorData.of(tensor.data()));
  }

  /**
   * Adds a tensor whose bytes are made when the file is written.
   *
   * @param dims sizes, fastest varying first, at most four
   */
  public GgufWriter add(String name, DType type, List<Long> dims, TensorData data) {
    int nameBytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (nameBytes == 0 || nameBytes > GgufShard.MAX_NAME_BYTES || name.indexOf('\0') >= 0) {
      throw new FormatException("tensor name \"" + name + "\" must have 1 to 63 bytes, no NUL");
    }
    if (dims.size() > GgufShard.MAX_DIMENSIONS || dims.stream().anyMatch(d -> d < 1)) {
      throw new FormatException("tensor " + name + " has impossible dimensions " + dims);
    }
    Entry entry = new Entry(name, type, List.copyOf(dims), byteSize(name, type, dims), data);
    if (tensors.put(name, entry) != null) {
      throw new FormatException("tensor " + name + " is added twice");
    }
    return this;
  }

  /**
   * Adds a tensor of numbers, encoded when the file is written.
   *
   * @param dims sizes, fastest varying first, at most four
   * @param values as many as the sizes say, not copied
   * @throws FormatException if the type has no encoder or the count is another
   */
  public GgufWriter add(String name, DType type, List<Long> dims, float[] values) {
    long elements = byteSize(name, type, dims) / type.blockBytes() * type.blockElements();
    return add(name, type, dims, TensorData.of(name + " " + dims, type, elements, values));
  }

  private static long byteSize(String name, DType type, List<Long> dims) {
    long columns = dims.isEmpty() ? 1 : dims.getFirst();
    if (columns % type.blockElements() != 0) {
      throw new FormatException(
          "tensor " + name + " has rows of " + columns + " elements, no whole " + type + " blocks");
    }
    try {
      return type.byteSize(dims.stream().reduce(1L, Math::multiplyExact));
    } catch (ArithmeticException e) {
      throw new FormatException("tensor " + name + " " + dims + " is too large", e);
    }
  }

  private long alignment() {
    Object value = metadata.getOrDefault(GgufShard.ALIGNMENT_KEY, DEFAULT_ALIGNMENT);
    if (value instanceof Long n
        && n >= 8
        && n <= GgufShard.MAX_ALIGNMENT
        && Long.bitCount(n) == 1) {
      return n;
    }
    throw new FormatException(
        GgufShard.ALIGNMENT_KEY + " must be a power of two in 8..1048576 but is " + value);
  }

  /** Writes the file whole or not at all; see {@link AtomicFile}. */
  public void write(Path path) {
    AtomicFile.write(path, this::writeTo);
  }

  private void writeTo(OutputStream out) throws IOException {
    byte[] head = head();
    out.write(head);
    pad(out, head.length);
    for (Entry tensor : tensors.values()) {
      tensor.data.writeExactly(tensor.name, tensor.bytes, out);
      pad(out, tensor.bytes);
    }
  }

  private byte[] head() {
    GgufOutput out = new GgufOutput();
    out.i32(0x46554747);
    out.i32(3);
    out.i64(tensors.size());
    out.i64(metadata.size());
    metadata.forEach(
        (key, value) -> {
          out.string(key);
          out.value(value);
        });
    long offset = 0;
    for (Entry tensor : tensors.values()) {
      out.string(tensor.name);
      out.i32(tensor.dims.size());
      tensor.dims.forEach(out::i64);
      out.i32(tensor.type.ggmlId());
      out.i64(offset);
      offset = roundUp(Math.addExact(offset, tensor.bytes));
    }
    return out.toByteArray();
  }

  private void pad(OutputStream out, long written) throws IOException {
    out.write(new byte[(int) (roundUp(written) - written)]);
  }

  private long roundUp(long n) {
    return Math.ceilDiv(n, alignment()) * alignment();
  }
}
