package org.slmruntime.format;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import org.slmruntime.quant.QuantEncoder;

/** Numbers that are encoded a few blocks at a time, when they are written. */
record EncodedTensor(QuantEncoder encoder, float[] values) implements TensorData {
  /** A multiple of every format's block. */
  private static final int CHUNK = 1 << 14;

  @Override
  public void writeTo(OutputStream out) throws IOException {
    byte[] bytes = new byte[(int) encoder.type().byteSize(Math.min(CHUNK, values.length))];
    MemorySegment target = MemorySegment.ofArray(bytes);
    for (int at = 0; at < values.length; at += CHUNK) {
      int elements = Math.min(CHUNK, values.length - at);
      encoder.encode(values, at, elements, target, 0);
      out.write(bytes, 0, (int) encoder.type().byteSize(elements));
    }
  }
}
