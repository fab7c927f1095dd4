package org.slmruntime.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The tokens of one training step: whole sequences, each from position 0, one after the other, and
 * what should follow each token. The loss is the sum over the tokens that count of their weight
 * times the cross-entropy of their target. Tokens of weight 0 are only read: their targets have no
 * influence, and no logits are computed for them. Immutable.
 */
public final class TrainingBatch {
  /** Most tokens of a batch. */
  public static final int MAX_TOKENS = 1 << 20;

  private final int[] tokens;
  private final int[] positions;
  private final int sequenceCount;
  private final int[] outputs;
  private final int[] targets;
  private final double[] weights;

  private TrainingBatch(Builder from) {
    tokens = new int[from.tokenCount];
    positions = new int[from.tokenCount];
    outputs = new int[from.outputCount];
    targets = new int[from.outputCount];
    weights = new double[from.outputCount];
    sequenceCount = from.sequences.size();
    int token = 0;
    int output = 0;
    for (Sequence sequence : from.sequences) {
      for (int p = 0; p < sequence.tokens.length; p++) {
        if (sequence.weights[p] > 0) {
          outputs[output] = token;
          targets[output] = sequence.targets[p];
          weights[output++] = sequence.weights[p];
        }
        tokens[token] = sequence.tokens[p];
        positions[token++] = p;
      }
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  public int tokenCount() {
    return tokens.length;
  }

  public int sequenceCount() {
    return sequenceCount;
  }

  /** How many tokens count in the loss. */
  public int outputCount() {
    return outputs.length;
  }

  public int token(int index) {
    return tokens[index];
  }

  /** Position within its sequence, whose first token is {@code index - position(index)}. */
  public int position(int index) {
    return positions[index];
  }

  /** Which token the output row {@code row} belongs to; ascending. */
  public int outputToken(int row) {
    return outputs[row];
  }

  /** The id that should follow. */
  public int target(int row) {
    return targets[row];
  }

  /** What the row's cross-entropy is multiplied with; positive. */
  public double weight(int row) {
    return weights[row];
  }

  /** The sum of all weights: the divisor of a mean loss. */
  public double totalWeight() {
    return Arrays.stream(weights).sum();
  }

  /**
   * Checks the ids against a model.
   *
   * @param inputLimit token ids must be below
   * @param outputLimit targets must be below
   * @throws TrainException naming the id and its place
   */
  public void requireIdsBelow(int inputLimit, int outputLimit) {
    for (int i = 0; i < tokens.length; i++) {
      requireBelow("token", tokens[i], inputLimit, i);
    }
    for (int r = 0; r < targets.length; r++) {
      requireBelow("target", targets[r], outputLimit, outputs[r]);
    }
  }

  private static void requireBelow(String what, int id, int limit, int token) {
    if (id < 0 || id >= limit) {
      throw new TrainException(
          what + " " + id + " of batch token " + token + " must be in 0.." + (limit - 1));
    }
  }

  private record Sequence(int[] tokens, int[] targets, double[] weights) {}

  /** Puts a batch together. Not thread-safe; use once. */
  public static final class Builder {
    private final List<Sequence> sequences = new ArrayList<>();
    private int tokenCount;
    private int outputCount;

    private Builder() {}

    /**
     * Adds a text of at least two tokens, each of which is to be predicted from those before it.
     */
    public Builder text(int... ids) {
      boolean[] counts = new boolean[ids.length];
      Arrays.fill(counts, true);
      return text(ids, counts);
    }

    /**
     * Adds a text of which only some tokens are to be learned.
     *
     * @param counts whether predicting {@code ids[i]} counts; the first is never predicted
     */
    public Builder text(int[] ids, boolean[] counts) {
      if (ids.length < 2 || ids.length != counts.length) {
        throw new TrainException(
            "a text must have at least 2 tokens and a mark for each but has "
                + ids.length
                + " and "
                + counts.length);
      }
      double[] weights = new double[ids.length - 1];
      Arrays.setAll(weights, i -> counts[i + 1] ? 1 : 0);
      return sequence(
          Arrays.copyOf(ids, ids.length - 1), Arrays.copyOfRange(ids, 1, ids.length), weights);
    }

    /**
     * Adds a sequence.
     *
     * @param targets the id that should follow each token
     * @param weights of each token's loss; 0 where it does not count
     */
    public Builder sequence(int[] tokens, int[] targets, double[] weights) {
      if (tokens.length == 0
          || tokens.length != targets.length
          || tokens.length != weights.length) {
        throw new TrainException(
            "a sequence must have tokens and as many targets and weights but has "
                + (tokens.length + ", " + targets.length + " and " + weights.length));
      }
      if (tokens.length > MAX_TOKENS - tokenCount) {
        throw new TrainException(
            tokenCount + " and " + tokens.length + " tokens are more than " + MAX_TOKENS);
      }
      for (double weight : weights) {
        if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
          throw new TrainException(
              "the weight of a token must be finite, from 0, but is " + weight);
        }
      }
      sequences.add(new Sequence(tokens.clone(), targets.clone(), weights.clone()));
      tokenCount += tokens.length;
      outputCount += (int) Arrays.stream(weights).filter(w -> w > 0).count();
      return this;
    }

    /**
     * @throws TrainException if no token counts
     */
    public TrainingBatch build() {
      if (outputCount == 0) {
        throw new TrainException("none of the batch's " + tokenCount + " tokens counts");
      }
      return new TrainingBatch(this);
    }
  }
}
