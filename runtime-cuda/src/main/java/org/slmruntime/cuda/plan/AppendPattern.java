package org.slmruntime.cuda.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;

/**
 * An append to the cache, with what is done to keys before it and to the queries of the attention
 * after it.
 *
 * @param heads of the query
 */
record AppendPattern(Op.KvAppend op, Chain key, Optional<Chain> query, int heads) {
  static AppendPattern alone(Op.KvAppend op) {
    return new AppendPattern(op, Chain.none(op.key()), Optional.empty(), 0);
  }

  static AppendPattern match(Node append, Op.KvAppend op, Graph graph, Uses uses) {
    Chain key = Chain.to(op.key(), op.layer().heads(), append.index(), uses);
    if (op.value().equals(op.key())) {
      // The kernel would read as a value what it is just rotating.
      key = Chain.none(op.key());
    }
    for (Node later : graph.nodes().subList(append.index() + 1, graph.nodes().size())) {
      if (later.op() instanceof Op.Attention a && a.layer().equals(op.layer())) {
        Chain query = Chain.to(a.query(), a.heads(), append.index(), uses);
        boolean made = uses.producer(query.start()).index() < append.index();
        boolean apart = !query.end().equals(op.value()) && !query.end().equals(op.key());
        if (made && apart && !query.isEmpty() && query.agreesWith(key)) {
          return new AppendPattern(op, key, Optional.of(query), a.heads());
        }
      }
    }
    return new AppendPattern(op, key, Optional.empty(), 0);
  }

  Step.Append step() {
    Stream<Op.RmsNorm> norms =
        Stream.concat(key.norm().stream(), query.stream().flatMap(q -> q.norm().stream()));
    return new Step.Append(
        op.layer(),
        key.start(),
        op.value(),
        key.norm().map(Op.RmsNorm::weight),
        query.map(q -> new Step.Query(q.start(), heads, q.norm().map(Op.RmsNorm::weight))),
        norms.findFirst().map(Op.RmsNorm::epsilon).orElse(0f),
        key.rope());
  }

  /** The nodes that the step computes beside the append. */
  List<Node> nodes() {
    List<Node> all = new ArrayList<>(key.nodes());
    query.ifPresent(q -> all.addAll(q.nodes()));
    return all;
  }

  /** Results that lie where the chains began. */
  Map<Value, Value> places() {
    Map<Value, Value> all = new HashMap<>();
    Stream.concat(Stream.of(key), query.stream())
        .filter(chain -> !chain.isEmpty())
        .forEach(chain -> all.put(chain.end(), chain.start()));
    return all;
  }
}
