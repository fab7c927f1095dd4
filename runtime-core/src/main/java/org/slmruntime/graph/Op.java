package org.slmruntime.graph;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One operation. Inputs are values of earlier nodes; the builder has checked every shape, so
 * backends need not.
 */
public sealed interface Op {
  /** The activations read, in order. */
  List<Value> inputs();

  /** The weights read, in order. */
  default List<Weight> weights() {
    return List.of();
  }

  /** Row {@code token id} of {@code table} [vocabulary x width] for each token of the step. */
  record Embed(Weight table) implements Op {
    @Override
    public List<Value> inputs() {
      return List.of();
    }

    @Override
    public List<Weight> weights() {
      return List.of(table);
    }
  }

  /** {@code y = W x + b}; {@code weight} is [output width x input width] in any format. */
  record Linear(Value input, Weight weight, Optional<Weight> bias) implements Op {
    @Override
    public List<Value> inputs() {
      return List.of(input);
    }

    @Override
    public List<Weight> weights() {
      return Stream.concat(Stream.of(weight), bias.stream()).toList();
    }
  }

  /**
   * Root mean square norm (Zhang and Sennrich, 2019) of each of {@code groups} equal parts of a
   * row: {@code y = w * x / sqrt(mean(x^2) + epsilon)}. {@code weight} has the length of one part
   * (shared by all, as for query and key heads) or of the whole row.
   */
  record RmsNorm(Value input, Weight weight, int groups, float epsilon) implements Op {
    @Override
    public List<Value> inputs() {
      return List.of(input);
    }

    @Override
    public List<Weight> weights() {
      return List.of(weight);
    }
  }

  /** Rotates each of {@code heads} equal parts of a row by the token's position. */
  record Rope(Value input, int heads, RotaryTable table) implements Op {
    @Override
    public List<Value> inputs() {
      return List.of(input);
    }
  }

  /** Writes each token's key and value heads into its slot of the cache layer. No output. */
  record KvAppend(Value key, Value value, KvLayer layer) implements Op {
    @Override
    public List<Value> inputs() {
      return List.of(key, value);
    }
  }

  /**
   * Causal grouped-query attention of each token over its sequence's cached keys and values up to
   * and including its own position. Query head {@code h} reads key/value head {@code h / (heads /
   * layer.heads())}. Output width is {@code heads * layer.valueSize()}.
   *
   * @param query [heads * keySize] per row
   * @param scale multiplies the dot products
   * @param softcap if positive, scores become {@code softcap * tanh(score / softcap)}
   * @param window if positive, only the last {@code window} positions, the own one included, are
   *     seen
   * @param sinks one logit per head that takes part in the softmax's denominator only
   */
  record Attention(
      Value query,
      KvLayer layer,
      int heads,
      float scale,
      float softcap,
      int window,
      Optional<Weight> sinks)
      implements Op {
    @Override
    public List<Value> inputs() {
      return List.of(query);
    }

    @Override
    public List<Weight> weights() {
      return sinks.stream().toList();
    }
  }

  /** {@code activation(gate) * up}. */
  record GatedActivation(Value gate, Value up, Activation activation) implements Op {
    @Override
    public List<Value> inputs() {
      return List.of(gate, up);
    }
  }

  record Add(Value left, Value right) implements Op {
    @Override
    public List<Value> inputs() {
      return List.of(left, right);
    }
  }

  record Mul(Value left, Value right) implements Op {
    @Override
    public List<Value> inputs() {
      return List.of(left, right);
    }
  }

  record Scale(Value input, float factor) implements Op {
    @Override
    public List<Value> inputs() {
      return List.of(input);
    }
  }

  /** {@code cap * tanh(x / cap)}. */
  record Softcap(Value input, float cap) implements Op {
    @Override
    public List<Value> inputs() {
      return List.of(input);
    }
  }

  /** The rows of the tokens whose outputs are wanted: TOKENS to OUTPUTS. */
  record GatherRows(Value input) implements Op {
    @Override
    public List<Value> inputs() {
      return List.of(input);
    }
  }
}
