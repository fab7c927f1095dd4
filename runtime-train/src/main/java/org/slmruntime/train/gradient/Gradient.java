package org.slmruntime.train.gradient;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;

/**
 * The derivative of one operation: from {@code dy}, the gradient of the loss with respect to the
 * operation's output, to those with respect to its inputs and weights. What no trained weight needs
 * is not in it. Gradients have the shapes of what they belong to.
 *
 * <p>Each record mirrors one of {@link Op} and its Javadoc has the formulas, in which {@code y} is
 * the operation's output.
 */
public sealed interface Gradient {
  /** The value whose gradient is read; it is complete when this is executed. */
  Value output();

  /** The gradients of values that are computed, in this order. */
  List<Contribution> contributions();

  /** The trained weights whose gradients are added to. */
  default List<Weight> weights() {
    return List.of();
  }

  /** The values of the forward pass that are read: they must be kept, or computed again. */
  default List<Value> reads() {
    return List.of();
  }

  /** {@code dtable[token] += dy} for each token. */
  record Embed(Op.Embed op, Value output) implements Gradient {
    @Override
    public List<Contribution> contributions() {
      return List.of();
    }

    @Override
    public List<Weight> weights() {
      return List.of(op.table());
    }
  }

  /**
   * {@code dx = W^T dy; dW += dy x^T; db += dy}. Only {@code dW} reads the input.
   *
   * @param input empty if nothing before it is trained
   * @param ofWeight whether the matrix is trained
   * @param ofBias whether there is a bias and it is trained
   */
  record Linear(
      Op.Linear op, Value output, Optional<Contribution> input, boolean ofWeight, boolean ofBias)
      implements Gradient {
    @Override
    public List<Contribution> contributions() {
      return input.stream().toList();
    }

    @Override
    public List<Weight> weights() {
      return Stream.concat(
              Stream.of(op.weight()).filter(_ -> ofWeight), op.bias().stream().filter(_ -> ofBias))
          .toList();
    }

    @Override
    public List<Value> reads() {
      return ofWeight ? List.of(op.input()) : List.of();
    }
  }

  /**
   * Of each group of {@code n} elements, with {@code r = 1 / sqrt(mean(x^2) + epsilon)} computed
   * again and {@code g = w * dy}: {@code dx = r g - r^3 x mean(g * x); dw += dy * x * r}.
   *
   * @param input empty if nothing before it is trained
   * @param ofWeight whether the weight is trained
   */
  record RmsNorm(Op.RmsNorm op, Value output, Optional<Contribution> input, boolean ofWeight)
      implements Gradient {
    @Override
    public List<Contribution> contributions() {
      return input.stream().toList();
    }

    @Override
    public List<Weight> weights() {
      return ofWeight ? List.of(op.weight()) : List.of();
    }

    @Override
    public List<Value> reads() {
      return List.of(op.input());
    }
  }

  /** Rotates {@code dy} back by the same angles, with the same magnitude. */
  record Rope(Op.Rope op, Value output, Contribution input) implements Gradient {
    @Override
    public List<Contribution> contributions() {
      return List.of(input);
    }
  }

  /**
   * Of each query {@code q} and head over the keys {@code k_j} and values {@code v_j} that it sees,
   * in the same step. Scores {@code s_j = scale q.k_j}, capped {@code c_j}, and probabilities
   * {@code p_j} are computed again. With {@code a_j = dy.v_j} and {@code D = sum_j p_j a_j}:
   *
   * <pre>{@code
   * dv_j += p_j dy
   * ds_j  = p_j (a_j - D) (1 - (c_j / softcap)^2)
   * dq    = scale sum_j ds_j k_j
   * dk_j += scale ds_j q
   * dsink += -p_sink D
   * }</pre>
   *
   * @param append where the keys and values of this layer come from
   * @param ofSinks whether there are sinks and they are trained
   */
  record Attention(
      Op.Attention op,
      Op.KvAppend append,
      Value output,
      Optional<Contribution> query,
      Optional<Contribution> key,
      Optional<Contribution> value,
      boolean ofSinks)
      implements Gradient {
    @Override
    public List<Contribution> contributions() {
      return Stream.of(query, key, value).flatMap(Optional::stream).toList();
    }

    @Override
    public List<Weight> weights() {
      return op.sinks().stream().filter(_ -> ofSinks).toList();
    }

    @Override
    public List<Value> reads() {
      boolean onlyValues = query.isEmpty() && key.isEmpty() && !ofSinks;
      return onlyValues
          ? List.of(op.query(), append.key())
          : List.of(op.query(), append.key(), append.value());
    }
  }

  /** {@code dgate = f'(gate) * up * dy; dup = f(gate) * dy}. */
  record GatedActivation(
      Op.GatedActivation op, Value output, Optional<Contribution> gate, Optional<Contribution> up)
      implements Gradient {
    @Override
    public List<Contribution> contributions() {
      return Stream.of(gate, up).flatMap(Optional::stream).toList();
    }

    @Override
    public List<Value> reads() {
      return gate.isEmpty() ? List.of(op.gate()) : List.of(op.gate(), op.up());
    }
  }

  /** {@code dleft = dy; dright = dy}. */
  record Add(Op.Add op, Value output, Optional<Contribution> left, Optional<Contribution> right)
      implements Gradient {
    @Override
    public List<Contribution> contributions() {
      return Stream.of(left, right).flatMap(Optional::stream).toList();
    }
  }

  /** {@code dleft = right * dy; dright = left * dy}. */
  record Mul(Op.Mul op, Value output, Optional<Contribution> left, Optional<Contribution> right)
      implements Gradient {
    @Override
    public List<Contribution> contributions() {
      return Stream.of(left, right).flatMap(Optional::stream).toList();
    }

    @Override
    public List<Value> reads() {
      return Stream.concat(left.stream().map(_ -> op.right()), right.stream().map(_ -> op.left()))
          .toList();
    }
  }

  /** {@code dx = factor dy}. */
  record Scale(Op.Scale op, Value output, Contribution input) implements Gradient {
    @Override
    public List<Contribution> contributions() {
      return List.of(input);
    }
  }

  /** {@code dx = (1 - (y / cap)^2) * dy}, from the output. */
  record Softcap(Op.Softcap op, Value output, Contribution input) implements Gradient {
    @Override
    public List<Contribution> contributions() {
      return List.of(input);
    }

    @Override
    public List<Value> reads() {
      return List.of(output);
    }
  }

  /** The rows of {@code dy} go back to their tokens; the other rows are zero. */
  record GatherRows(Op.GatherRows op, Value output, Contribution input) implements Gradient {
    @Override
    public List<Contribution> contributions() {
      return List.of(input);
    }
  }
}
