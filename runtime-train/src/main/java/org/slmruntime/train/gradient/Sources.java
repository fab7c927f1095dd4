package org.slmruntime.train.gradient;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;

/**
 * What an operation's output is computed of, the cache included: a step of training is whole
 * sequences from position 0, so attention reads the keys and values that were appended in the same
 * step. Not thread-safe while it is filled.
 */
public final class Sources {
  private final Map<KvLayer, Op.KvAppend> appends = new HashMap<>();

  /** Those of a whole graph. */
  public static Sources of(Graph graph) {
    Sources sources = new Sources();
    graph.nodes().forEach(node -> sources.add(node.op()));
    return sources;
  }

  /** Takes note of the next operation; false if it appends to a layer that has been written. */
  boolean add(Op op) {
    return !(op instanceof Op.KvAppend append) || appends.put(append.layer(), append) == null;
  }

  /** Where a layer's keys and values come from; null if nothing was appended yet. */
  public Op.KvAppend append(KvLayer layer) {
    return appends.get(layer);
  }

  /** The values that are read, in order; none where keys and values are appended. */
  public List<Value> of(Op op) {
    return switch (op) {
      case Op.Attention attention -> {
        Op.KvAppend append = appends.get(attention.layer());
        yield List.of(attention.query(), append.key(), append.value());
      }
      case Op.KvAppend _ -> List.of();
      default -> op.inputs();
    };
  }
}
