package org.slmruntime.cuda.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.slmruntime.graph.Rows;

/**
 * Offsets of buffers in one allocation; those that are never in use at the same time overlap. The
 * largest is placed first, each at the lowest offset that is free for as long as it lives.
 *
 * @param offsets in bytes, by buffer, multiples of 256
 * @param bytes of the whole
 */
public record ArenaPlan(long[] offsets, long bytes) {
  private static final long ALIGNMENT = 256;

  /**
   * @param tokens most rows of a buffer of token rows
   * @param outputs most rows of a buffer of output rows
   */
  public static ArenaPlan of(List<Buffer> buffers, int tokens, int outputs) {
    long[] sizes = new long[buffers.size()];
    for (int b = 0; b < sizes.length; b++) {
      Buffer buffer = buffers.get(b);
      long rows = buffer.rows() == Rows.TOKENS ? tokens : outputs;
      sizes[b] = align(Math.multiplyExact(rows * Float.BYTES, buffer.stride()));
    }
    long[] offsets = new long[sizes.length];
    long end = 0;
    List<Integer> placed = new ArrayList<>();
    List<Integer> order =
        IntStream.range(0, sizes.length)
            .boxed()
            .sorted(Comparator.comparingLong((Integer b) -> sizes[b]).reversed())
            .toList();
    for (int b : order) {
      offsets[b] = lowest(b, placed, buffers, sizes, offsets);
      placed.add(b);
      placed.sort(Comparator.comparingLong(o -> offsets[o]));
      end = Math.max(end, Math.addExact(offsets[b], sizes[b]));
    }
    return new ArenaPlan(offsets, end);
  }

  /** The lowest gap between those that live at the same time; they come in order of offset. */
  private static long lowest(
      int buffer, List<Integer> placed, List<Buffer> buffers, long[] sizes, long[] offsets) {
    long at = 0;
    for (int other : placed) {
      boolean together =
          buffers.get(buffer).first() <= buffers.get(other).last()
              && buffers.get(other).first() <= buffers.get(buffer).last();
      if (together) {
        if (offsets[other] >= at + sizes[buffer]) {
          return at;
        }
        at = Math.max(at, offsets[other] + sizes[other]);
      }
    }
    return at;
  }

  private static long align(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }
}
