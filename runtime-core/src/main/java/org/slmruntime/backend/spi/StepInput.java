package org.slmruntime.backend.spi;

import java.util.Arrays;

/**
 * A ragged batch: the tokens that one step appends to one or more sequences. Filled anew for each
 * step and reused, so that stepping allocates nothing. Not thread-safe.
 *
 * <p>Usage: {@link #clear()}, then for each sequence {@link #beginSequence(int[], int)} followed by
 * its tokens with {@link #addToken}, in order of position. Positions of a sequence need not start
 * at 0: what lies before is in the cache already.
 */
public final class StepInput {
  private int[] tokens = new int[64];
  private int[] positions = new int[64];
  private int[] sequences = new int[64];
  private int[] outputs = new int[16];
  private int[][] blockTables = new int[4][];
  private int[] blockCounts = new int[4];
  private int tokenCount;
  private int outputCount;
  private int sequenceCount;

  public void clear() {
    tokenCount = 0;
    outputCount = 0;
    sequenceCount = 0;
  }

  /**
   * Starts the next sequence.
   *
   * @param blockTable ids of the cache blocks that hold positions 0, blockTokens, ...; read during
   *     the step, not copied
   * @param blockCount how many of them are valid
   */
  public void beginSequence(int[] blockTable, int blockCount) {
    if (sequenceCount == blockTables.length) {
      blockTables = Arrays.copyOf(blockTables, 2 * sequenceCount);
      blockCounts = Arrays.copyOf(blockCounts, 2 * sequenceCount);
    }
    blockTables[sequenceCount] = blockTable;
    blockCounts[sequenceCount] = blockCount;
    sequenceCount++;
  }

  /** Adds a token to the sequence begun last. */
  public void addToken(int token, int position, boolean wantOutput) {
    if (tokenCount == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * tokenCount);
      positions = Arrays.copyOf(positions, 2 * tokenCount);
      sequences = Arrays.copyOf(sequences, 2 * tokenCount);
    }
    tokens[tokenCount] = token;
    positions[tokenCount] = position;
    sequences[tokenCount] = sequenceCount - 1;
    if (wantOutput) {
      if (outputCount == outputs.length) {
        outputs = Arrays.copyOf(outputs, 2 * outputCount);
      }
      outputs[outputCount++] = tokenCount;
    }
    tokenCount++;
  }

  public int tokenCount() {
    return tokenCount;
  }

  public int sequenceCount() {
    return sequenceCount;
  }

  public int outputCount() {
    return outputCount;
  }

  public int token(int index) {
    return tokens[index];
  }

  public int position(int index) {
    return positions[index];
  }

  /** Which sequence (0 .. sequenceCount - 1) a token belongs to. */
  public int sequence(int index) {
    return sequences[index];
  }

  /** Which token the output row {@code row} belongs to. */
  public int outputToken(int row) {
    return outputs[row];
  }

  /** The cache block that holds {@code position} of a sequence. */
  public int block(int sequence, int position, int blockTokens) {
    return blockTables[sequence][position / blockTokens];
  }

  /** The block table of a sequence; not to be written. */
  public int[] blockTable(int sequence) {
    return blockTables[sequence];
  }

  /**
   * Checks everything that kernels rely on: counts within the plan's limits, ids within the
   * vocabulary, consecutive positions per sequence, valid and sufficient block tables.
   */
  public void check(PlanOptions limits, int vocabulary) {
    within("tokens", tokenCount, 1, limits.maxTokens());
    within("sequences", sequenceCount, 1, limits.maxSequences());
    within("output rows", outputCount, 0, limits.maxOutputs());
    for (int i = 0; i < tokenCount; i++) {
      within("token id", tokens[i], 0, vocabulary - 1);
      within("sequence of a token", sequences[i], 0, sequenceCount - 1);
      boolean continues = i > 0 && sequences[i] == sequences[i - 1];
      if (continues && positions[i] != positions[i - 1] + 1) {
        throw new BackendException(
            "positions of a sequence must be consecutive but "
                + positions[i - 1]
                + " is followed by "
                + positions[i]);
      }
      int capacity = blockCounts[sequences[i]] * limits.kvBlockTokens();
      within("position", positions[i], 0, capacity - 1);
    }
    for (int s = 0; s < sequenceCount; s++) {
      within("block count", blockCounts[s], 0, blockTables[s].length);
      for (int b = 0; b < blockCounts[s]; b++) {
        within("block id", blockTables[s][b], 0, limits.kvBlocks() - 1);
      }
    }
  }

  private static void within(String what, int value, int min, int max) {
    if (value < min || value > max) {
      throw new BackendException(what + " must be in " + min + ".." + max + " but is " + value);
    }
  }
}
