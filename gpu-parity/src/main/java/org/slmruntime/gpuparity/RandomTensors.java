package org.slmruntime.gpuparity;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/** Adds tensors of random values to a file, whatever their size in little memory. */
final class RandomTensors {
  /** Values that are drawn; larger tensors repeat them, which no kernel's speed depends on. */
  private static final int DRAWN = 1 << 18;

  private final GgufWriter gguf;
  private final DType type;
  private final byte[] drawn;

  RandomTensors(GgufWriter gguf, DType type) {
    this.gguf = gguf;
    this.type = type;
    this.drawn = encoded(type, Draws.normal(DRAWN, 0.02, new SplittableRandom(1)));
  }

  private static byte[] encoded(DType type, float[] values) {
    byte[] bytes = new byte[Math.toIntExact(type.byteSize(values.length))];
    MemorySegment out = MemorySegment.ofArray(bytes);
    QuantFormats.encoder(type).orElseThrow().encode(values, 0, values.length, out, 0);
    return bytes;
  }

  void matrix(String name, long columns, long rows) {
    long bytes = type.byteSize(columns * rows);
    gguf.add(name + ".weight", type, List.of(columns, rows), out -> repeat(out, bytes));
  }

  private void repeat(OutputStream out, long bytes) throws IOException {
    for (long left = bytes; left > 0; left -= drawn.length) {
      out.write(drawn, 0, (int) Math.min(left, drawn.length));
    }
  }

  void norm(String name, int width) {
    byte[] ones = encoded(DType.F32, Draws.norm(width, new SplittableRandom(1)));
    gguf.add(name + ".weight", DType.F32, List.of((long) width), out -> out.write(ones));
  }
}
