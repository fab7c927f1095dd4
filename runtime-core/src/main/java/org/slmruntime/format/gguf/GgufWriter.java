package org.slmruntime.format.gguf;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.StoredTensor;

/**
 * Writes GGUF version 3. Values have the types of {@link org.slmruntime.format.Metadata}; a {@link
 * Long} becomes a u32 where it fits and a 64-bit integer otherwise, a {@link Double} an f32. Not
 * thread-safe.
 */
public final class GgufWriter {
  private static final int ALIGNMENT = 32;
  private static final int COPY_BYTES = 1 << 20;

  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

  /** Sets one metadata value. */
  public GgufWriter put(String key, Object value) {
    metadata.put(key, value instanceof Integer i ? Long.valueOf(i) : value);
    return this;
  }

  /** Adds a tensor; its bytes are read when the file is written. */
  public GgufWriter add(StoredTensor tensor) {
    if (tensor.data().byteSize() != tensor.type().byteSize(tensor.elements())) {
      throw new FormatException(tensor + " has " + tensor.data().byteSize() + " bytes of data");
    }
    if (tensors.put(tensor.name(), tensor) != null) {
      throw new FormatException("tensor " + tensor.name() + " is added twice");
    }
    return this;
  }

  /** Writes the file beside {@code path} first and then moves it there, whole or not at all. */
  public void write(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    Path temporary = null;
    try {
      temporary = Files.createTempFile(parent, ".gguf-", ".tmp");
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 16)) {
        writeTo(out);
      }
      Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new FormatException(path + ": cannot be written: " + e, e);
    } finally {
      deleteQuietly(temporary);
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException _) {
      // The move has taken it, or the folder is gone: nothing to clean up.
    }
  }

  private void writeTo(OutputStream out) throws IOException {
    byte[] head = head();
    out.write(head);
    pad(out, head.length);
    byte[] buffer = new byte[COPY_BYTES];
    for (StoredTensor tensor : tensors.values()) {
      MemorySegment data = tensor.data();
      for (long at = 0; at < data.byteSize(); at += buffer.length) {
        int n = (int) Math.min(buffer.length, data.byteSize() - at);
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, buffer, 0, n);
        out.write(buffer, 0, n);
      }
      pad(out, data.byteSize());
    }
  }

  private byte[] head() {
    Output out = new Output();
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
    for (StoredTensor tensor : tensors.values()) {
      out.string(tensor.name());
      out.i32(tensor.dims().size());
      tensor.dims().forEach(out::i64);
      out.i32(tensor.type().ggmlId());
      out.i64(offset);
      offset = roundUp(Math.addExact(offset, tensor.data().byteSize()));
    }
    return out.toByteArray();
  }

  private static void pad(OutputStream out, long written) throws IOException {
    out.write(new byte[(int) (roundUp(written) - written)]);
  }

  private static long roundUp(long n) {
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Little-endian fields into memory. */
  private static final class Output extends ByteArrayOutputStream {
    void i32(int value) {
      for (int shift = 0; shift < 32; shift += 8) {
        write(value >>> shift);
      }
    }

    void i64(long value) {
      i32((int) value);
      i32((int) (value >>> 32));
    }

    void string(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      i64(bytes.length);
      writeBytes(bytes);
    }

    void value(Object value) {
      switch (value) {
        case Long v when v >= 0 && v <= 0xffffffffL -> {
          i32(GgufType.UINT32);
          i32(v.intValue());
        }
        case Long v -> {
          i32(GgufType.INT64);
          i64(v);
        }
        case Double v -> {
          i32(GgufType.FLOAT32);
          i32(Float.floatToRawIntBits(v.floatValue()));
        }
        case Boolean v -> {
          i32(GgufType.BOOL);
          write(v ? 1 : 0);
        }
        case String v -> {
          i32(GgufType.STRING);
          string(v);
        }
        default -> array(value);
      }
    }

    private void array(Object value) {
      i32(GgufType.ARRAY);
      switch (value) {
        case int[] v -> {
          header(GgufType.INT32, v.length);
          for (int x : v) {
            i32(x);
          }
        }
        case long[] v -> {
          header(GgufType.INT64, v.length);
          for (long x : v) {
            i64(x);
          }
        }
        case float[] v -> {
          header(GgufType.FLOAT32, v.length);
          for (float x : v) {
            i32(Float.floatToRawIntBits(x));
          }
        }
        case double[] v -> {
          header(GgufType.FLOAT64, v.length);
          for (double x : v) {
            i64(Double.doubleToRawLongBits(x));
          }
        }
        case boolean[] v -> {
          header(GgufType.BOOL, v.length);
          for (boolean x : v) {
            write(x ? 1 : 0);
          }
        }
        case List<?> v -> {
          header(GgufType.STRING, v.size());
          v.forEach(x -> string((String) x));
        }
        default ->
            throw new FormatException("GGUF metadata cannot hold a " + value.getClass().getName());
      }
    }

    private void header(int type, int count) {
      i32(type);
      i64(count);
    }
  }
}
