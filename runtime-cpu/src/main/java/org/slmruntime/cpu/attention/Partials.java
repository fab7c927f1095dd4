package org.slmruntime.cpu.attention;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Results of pieces that different threads have computed, until the last of a tile's is there.
 * Shared by all layers of one shape, since layers follow each other.
 */
public final class Partials {
  /** [slot][kv heads][queries of a token][valueElements], rows of one tile and head together. */
  final float[] mixed;

  final float[] max;
  final float[] sum;

  /** Pieces still missing, for each tile that is cut and kv head. */
  final AtomicIntegerArray missing;

  public Partials(AttentionShape shape) {
    int rows = Math.multiplyExact(shape.slots(), shape.kvHeads() * shape.group());
    mixed = new float[Math.multiplyExact(rows, shape.layout().valueElements())];
    max = new float[rows];
    sum = new float[rows];
    missing = new AtomicIntegerArray(shape.slots() * shape.kvHeads());
  }

  /** Keeps a piece's result in rows from {@code row} on. */
  void put(AttentionScratch s, int row, int queries, int width) {
    System.arraycopy(s.mixed, 0, mixed, row * width, queries * width);
    System.arraycopy(s.max, 0, max, row, queries);
    System.arraycopy(s.sum, 0, sum, row, queries);
  }
}
