package org.slmruntime.format.gguf;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.quant.QuantEncoder;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/**
 * Writes GGUF version 3. Values have the types of {@link org.slmruntime.format.Metadata}; a {@link
 * Long} becomes a u32 where it fits and a 64-bit integer otherwise, a {@link Double} an f32; {@link
 * Integer} and {@link Float} are taken as those. Tensors keep their order; {@code
 * general.alignment}, if set, decides their padding. Not thread-safe.
 */
public final class GgufWriter {
  private static final long DEFAULT_ALIGNMENT = 32;
  private static final int COPY_BYTES = 1 << 20;

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
    return add(tensor.name(), tensor.type(), tensor.dims(), out -> copy(tensor.data(), out));
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
    QuantEncoder encoder =
        QuantFormats.encoder(type)
            .orElseThrow(
                () -> new FormatException("tensor " + name + ": " + type + " cannot be encoded"));
    long elements = byteSize(name, type, dims) / type.blockBytes() * type.blockElements();
    if (elements != values.length) {
      throw new FormatException(
          "tensor " + name + " " + dims + " has " + values.length + " values");
    }
    return add(name, type, dims, new EncodedTensor(encoder, values));
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

  /** Writes the file beside {@code path} first and then moves it there, whole or not at all. */
  public void write(Path path) {
    Path target = path.toAbsolutePath();
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (OutputStream out =
          new BufferedOutputStream(
              Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW), 1 << 16)) {
        writeTo(out);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new FormatException(path + ": cannot be written: " + e, e);
    } finally {
      deleteQuietly(temporary);
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      // The move has taken it, or the folder is gone: nothing to clean up.
    }
  }

  private void writeTo(OutputStream out) throws IOException {
    byte[] head = head();
    out.write(head);
    pad(out, head.length);
    for (Entry tensor : tensors.values()) {
      CountingOutput counted = new CountingOutput(out);
      tensor.data.writeTo(counted);
      if (counted.written != tensor.bytes) {
        throw new FormatException(
            "tensor "
                + tensor.name
                + " needs "
                + tensor.bytes
                + " bytes but "
                + counted.written
                + " were written");
      }
      pad(out, tensor.bytes);
    }
  }

  private static void copy(MemorySegment data, OutputStream out) throws IOException {
    byte[] buffer = new byte[(int) Math.min(COPY_BYTES, data.byteSize())];
    for (long at = 0; at < data.byteSize(); at += buffer.length) {
      int n = (int) Math.min(buffer.length, data.byteSize() - at);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, buffer, 0, n);
      out.write(buffer, 0, n);
    }
  }

  /** Counts what a tensor's source writes; leaves the stream open. */
  private static final class CountingOutput extends OutputStream {
    private final OutputStream out;
    private long written;

    CountingOutput(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      written++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      written += length;
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
