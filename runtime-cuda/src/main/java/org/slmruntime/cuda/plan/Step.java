package org.slmruntime.cuda.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;

/** One or more operations of a graph that the device computes together. */
public sealed interface Step {
  List<Value> reads();

  List<Value> writes();

  /** An operation on its own; never a linear one, and never appending to the cache. */
  record Single(Op op, Value output) implements Step {
    @Override
    public List<Value> reads() {
      return op.inputs();
    }

    @Override
    public List<Value> writes() {
      return List.of(output);
    }
  }

  /** A root mean square norm of whole rows. */
  record InputNorm(Weight weight, float epsilon) {}

  /**
   * {@code y = activation(W norm(x) + bias) + residual}.
   *
   * @param activation if present, gates one output by the other of two interleaved ones
   * @param outputs the parts of y, one after the other
   */
  record Product(
      Value input,
      Optional<InputNorm> norm,
      Stack matrix,
      Optional<StackedVector> bias,
      Optional<Activation> activation,
      Optional<Value> residual,
      List<Value> outputs)
      implements Step {
    @Override
    public List<Value> reads() {
      List<Value> all = new ArrayList<>(List.of(input));
      residual.ifPresent(all::add);
      return all;
    }

    @Override
    public List<Value> writes() {
      return outputs;
    }
  }

  /** Queries that are normed and rotated where they lie. */
  record Query(Value value, int heads, Optional<Weight> norm) {}

  /**
   * Norms and rotates query and key heads in place and stores keys and values.
   *
   * @param query empty where the query needs nothing or something else than the key
   * @param epsilon of the norms, whichever are there
   * @param rope of both, if any
   */
  record Append(
      KvLayer layer,
      Value key,
      Value value,
      Optional<Weight> keyNorm,
      Optional<Query> query,
      float epsilon,
      Optional<RotaryTable> rope)
      implements Step {
    @Override
    public List<Value> reads() {
      return List.of(key, value);
    }

    @Override
    public List<Value> writes() {
      List<Value> all = new ArrayList<>(List.of(key));
      query.ifPresent(q -> all.add(q.value()));
      return all;
    }
  }
}
