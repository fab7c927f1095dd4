package org.slmruntime.benchmarks.models;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/**
 * Encoded normally distributed values, as many as asked for. A quarter of a million are drawn and
 * encoded; more repeat them from another block on, on which no kernel's speed depends.
 */
public final class RandomBlocks {
  /**
   * A prime number of blocks of 256, so that no two of a matrix's first thousand rows are alike.
   */
  private static final int DRAWN = 1009 * 256;

  private final DType type;
  private final byte[] drawn;
  private int start;

  /** Draws values with this deviation; the same {@code seed} gives the same bytes. */
  public RandomBlocks(DType type, double deviation, long seed) {
    this.type = type;
    this.drawn = new byte[Math.toIntExact(type.byteSize(DRAWN))];
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[DRAWN];
    for (int i = 0; i < DRAWN; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    MemorySegment out = MemorySegment.ofArray(drawn);
    QuantFormats.encoder(type).orElseThrow().encode(values, 0, DRAWN, out, 0);
  }

  /** Writes a tensor of {@code elements} values. */
  public void write(long elements, OutputStream out) throws IOException {
    long left = type.byteSize(elements);
    int at = nextStart();
    while (left > 0) {
      int n = (int) Math.min(left, drawn.length - at);
      out.write(drawn, at, n);
      left -= n;
      at = 0;
    }
  }

  /** Fills a segment, whose size is a whole number of blocks. */
  public void fill(MemorySegment target) {
    MemorySegment source = MemorySegment.ofArray(drawn);
    int at = nextStart();
    for (long done = 0; done < target.byteSize(); ) {
      long n = Math.min(target.byteSize() - done, drawn.length - at);
      MemorySegment.copy(source, at, target, done, n);
      done += n;
      at = 0;
    }
  }

  /** Another block for each tensor, so that no two are alike. */
  private int nextStart() {
    int at = start;
    start = (start + 97 * type.blockBytes()) % drawn.length;
    return at;
  }
}
