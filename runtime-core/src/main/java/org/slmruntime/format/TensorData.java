package org.slmruntime.format;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.ObjIntConsumer;
import org.slmruntime.quant.QuantEncoder;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/** A tensor's bytes, made when they are written, so that a whole model need not be in memory. */
@FunctionalInterface
public interface TensorData {
  /** Writes exactly the tensor's bytes, little-endian. */
  void writeTo(OutputStream out) throws IOException;

  /** Bytes as they are. */
  static TensorData of(MemorySegment bytes) {
    return out -> {
      byte[] buffer = new byte[(int) Math.min(1 << 20, bytes.byteSize())];
      for (long at = 0; at < bytes.byteSize(); at += buffer.length) {
        int n = (int) Math.min(buffer.length, bytes.byteSize() - at);
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, buffer, 0, n);
        out.write(buffer, 0, n);
      }
    };
  }

  /** Numbers of type I64; not copied. */
  static TensorData of(long[] values) {
    return of(values.length, (buffer, i) -> buffer.putLong(values[i]));
  }

  /** Numbers of type F64; not copied. */
  static TensorData of(double[] values) {
    return of(values.length, (buffer, i) -> buffer.putDouble(values[i]));
  }

  private static TensorData of(int count, ObjIntConsumer<ByteBuffer> put) {
    return out -> {
      ByteBuffer buffer = ByteBuffer.allocate(1 << 13).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < count; i++) {
        put.accept(buffer, i);
        if (!buffer.hasRemaining() || i == count - 1) {
          out.write(buffer.array(), 0, buffer.position());
          buffer.clear();
        }
      }
    };
  }

  /**
   * Numbers, encoded when they are written.
   *
   * @param tensor its name and shape, for messages
   * @param elements how many the tensor has
   * @param values not copied
   * @throws FormatException if the type has no encoder or the count is another
   */
  static TensorData of(String tensor, DType type, long elements, float[] values) {
    QuantEncoder encoder =
        QuantFormats.encoder(type)
            .orElseThrow(
                () -> new FormatException("tensor " + tensor + ": " + type + " cannot be encoded"));
    if (elements != values.length) {
      throw new FormatException(
          "tensor " + tensor + " has " + values.length + " values instead of " + elements);
    }
    return new EncodedTensor(encoder, values);
  }

  /**
   * Writes the bytes and counts them.
   *
   * @param tensor its name, for messages
   * @throws FormatException if there are not {@code bytes}
   */
  default void writeExactly(String tensor, long bytes, OutputStream out) throws IOException {
    CountingOutput counted = new CountingOutput(out);
    writeTo(counted);
    if (counted.written() != bytes) {
      throw new FormatException(
          "tensor "
              + tensor
              + " needs "
              + bytes
              + " bytes but "
              + counted.written()
              + " were written");
    }
  }
}
