package org.slmruntime.cpu.matmul;

import static org.slmruntime.cpu.vector.Lanes.COUNT;

import org.slmruntime.cpu.vector.LaneBlocks;
import org.slmruntime.cpu.vector.PanelKernels;

/**
 * The layout of tokens for {@link PanelProduct}: [blocks][pieces][lanes][tokens of a block][
 * groups]. Column {@code group * COUNT + lane} of a token is its element (lane, group); a piece is
 * {@link #PIECE} columns, or the rest. Columns after the last are zero. Lanes lie a little further
 * apart than they need, or too many would share a set of the first-level cache.
 */
record SplitTokens(int columns) {
  /** Tokens of a block. */
  static final int BLOCK = PanelKernels.TOKENS;

  /** Columns of a full piece: a lane's share of so many weights stays in the first-level cache. */
  static final int PIECE = 2048;

  private static final int GROUPS = PIECE / COUNT;

  private static final int GAP = 16;
  private static final int FULL_PIECE = COUNT * (BLOCK * GROUPS + GAP);

  private int allGroups() {
    return Math.ceilDiv(columns, COUNT);
  }

  int pieces() {
    return Math.ceilDiv(allGroups(), GROUPS);
  }

  int groups(int piece) {
    return Math.min(GROUPS, allGroups() - piece * GROUPS);
  }

  int firstColumn(int piece) {
    return piece * PIECE;
  }

  private int laneFloats(int piece) {
    return BLOCK * groups(piece) + GAP;
  }

  private int blockFloats() {
    return COUNT * (BLOCK * allGroups() + pieces() * GAP);
  }

  /** Floats of so many tokens. */
  long floats(int tokens) {
    return Math.ceilDiv(tokens, BLOCK) * (long) blockFloats();
  }

  /** Where a token's elements begin; they are {@link #groups} long. */
  int offset(int token, int piece, int lane) {
    int block = token / BLOCK * blockFloats() + piece * FULL_PIECE;
    return block + lane * laneFloats(piece) + token % BLOCK * groups(piece);
  }

  /**
   * Lays out one token.
   *
   * @param first where its columns begin in {@code x}
   * @param work for the blocks of a piece, see {@link LaneBlocks#workFloats}
   */
  void put(float[] x, int first, int token, float[] split, float[] work) {
    for (int piece = 0; piece < pieces(); piece++) {
      int groups = groups(piece);
      int from = first + firstColumn(piece);
      int to = offset(token, piece, 0);
      int stride = laneFloats(piece);
      int whole = Math.min(groups, (columns - firstColumn(piece)) / COUNT) / COUNT * COUNT;
      LaneBlocks.transpose(
          whole / COUNT, x, from, COUNT, LaneBlocks.SIZE, split, to, stride, COUNT, work);
      for (int g = whole; g < groups; g++) {
        int inGroup = Math.min(COUNT, columns - firstColumn(piece) - g * COUNT);
        for (int lane = 0; lane < COUNT; lane++) {
          split[to + lane * stride + g] = lane < inGroup ? x[from + g * COUNT + lane] : 0;
        }
      }
    }
  }
}
