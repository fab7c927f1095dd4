package org.slmruntime.cpu.attention;

import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.StepInput;

/**
 * A step's units of work. Its tokens are divided into tiles, a few consecutive ones of one
 * sequence. A tile with a long past would keep one thread busy while the others have nothing to do,
 * so it is cut into a unit for each piece of its past. Each unit is done for every kv head.
 */
public final class WorkList {
  /** A tile is cut if it is more than this part of a thread's share of the step. */
  private static final int PARTS_OF_SHARE = 8;

  private final AttentionShape shape;
  private final int threads;

  /** First token of each tile, then the number of tokens. */
  private final int[] firstToken;

  private final int[] firstPiece;
  private final int[] pieces;

  /** Its first slot for partial results, or -1 if the tile is not cut. */
  private final int[] slot;

  /** Its first counter of missing pieces. */
  private final int[] counter;

  private final int[] itemTile;
  private final int[] itemPiece;
  private int tiles;
  private int items;

  public WorkList(AttentionShape shape, PlanOptions options, int threads) {
    int most = options.maxTokens();
    this.shape = shape;
    this.threads = threads;
    this.firstToken = new int[most + 1];
    this.firstPiece = new int[most];
    this.pieces = new int[most];
    this.slot = new int[most];
    this.counter = new int[most];
    this.itemTile = new int[most + shape.slots()];
    this.itemPiece = new int[most + shape.slots()];
  }

  /** Bytes of such a list. */
  public static long byteSize(AttentionShape shape, PlanOptions options) {
    return (7L * options.maxTokens() + 2L * shape.slots() + 1) * Integer.BYTES;
  }

  void fill(StepInput input, AttentionKernel kernel, Partials partials) {
    divide(input);
    long total = 0;
    for (int t = 0; t < tiles; t++) {
      firstPiece[t] = kernel.firstPiece(input.position(firstToken[t]));
      int last = kernel.lastPiece(input.position(firstToken[t + 1] - 1));
      pieces[t] = last - firstPiece[t] + 1;
      total += pieces[t];
    }
    cut(total, partials);
  }

  /** A tile ends where it is full or where the next sequence begins. */
  private void divide(StepInput input) {
    tiles = 0;
    int first = 0;
    for (int t = 0; t < input.tokenCount(); t++) {
      boolean full = t - first == shape.tileTokens();
      if (full || input.sequence(t) != input.sequence(first)) {
        firstToken[tiles++] = first;
        first = t;
      }
    }
    firstToken[tiles++] = first;
    firstToken[tiles] = input.tokenCount();
  }

  /** The last tiles of a sequence see the longest past, so they go first. */
  private void cut(long totalPieces, Partials partials) {
    items = 0;
    int slots = 0;
    int counters = 0;
    for (int t = tiles - 1; t >= 0; t--) {
      int needed = pieces[t] * (firstToken[t + 1] - firstToken[t]);
      boolean large = (long) pieces[t] * PARTS_OF_SHARE * threads > totalPieces * shape.kvHeads();
      if (threads == 1 || pieces[t] == 1 || !large || slots + needed > shape.slots()) {
        slot[t] = -1;
        add(t, -1);
        continue;
      }
      slot[t] = slots;
      counter[t] = counters;
      slots += needed;
      for (int head = 0; head < shape.kvHeads(); head++) {
        partials.missing.set(counters++, pieces[t]);
      }
      for (int p = 0; p < pieces[t]; p++) {
        add(t, firstPiece[t] + p);
      }
    }
  }

  private void add(int tile, int piece) {
    itemTile[items] = tile;
    itemPiece[items++] = piece;
  }

  int items() {
    return items;
  }

  int tile(int item) {
    return itemTile[item];
  }

  int piece(int item) {
    return itemPiece[item];
  }

  int firstToken(int tile) {
    return firstToken[tile];
  }

  boolean isCut(int tile) {
    return slot[tile] >= 0;
  }

  int firstPiece(int tile) {
    return firstPiece[tile];
  }

  int pieces(int tile) {
    return pieces[tile];
  }

  /** The first row of partial results of a tile that is cut. */
  int firstRow(int tile) {
    return slot[tile] * shape.kvHeads() * shape.group();
  }

  /** The counter of the first kv head of a tile that is cut. */
  int counter(int tile) {
    return counter[tile];
  }
}
