package org.slmruntime.cuda.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;

/**
 * What is done to heads between their projection and the cache or the attention: a norm, a
 * rotation, both or neither.
 *
 * @param start the value that the chain's result may overwrite
 * @param end the chain's result; {@code start} if the chain is empty
 * @param nodes of the chain
 */
record Chain(
    Value start,
    Value end,
    Optional<Op.RmsNorm> norm,
    Optional<RotaryTable> rope,
    List<Node> nodes) {
  boolean isEmpty() {
    return nodes.isEmpty();
  }

  static Chain none(Value value) {
    return new Chain(value, value, Optional.empty(), Optional.empty(), List.of());
  }

  /**
   * The longest chain that leads to {@code end} and whose result nobody reads before node {@code
   * before}.
   */
  static Chain to(Value end, int heads, int before, Uses uses) {
    List<Node> nodes = new ArrayList<>();
    Optional<RotaryTable> rope = Optional.empty();
    Optional<Op.RmsNorm> norm = Optional.empty();
    Value start = end;
    boolean late = uses.consumers(end).stream().allMatch(n -> n.index() >= before);
    Node last = uses.producer(start);
    if (late && last.op() instanceof Op.Rope r && r.heads() == heads && uses.isSingle(r.input())) {
      rope = Optional.of(r.table());
      nodes.add(last);
      start = r.input();
    }
    Node first = uses.producer(start);
    if (late
        && first.op() instanceof Op.RmsNorm n
        && isHeadNorm(n, heads)
        && uses.isSingle(n.input())) {
      norm = Optional.of(n);
      nodes.add(first);
      start = n.input();
    }
    return new Chain(start, end, norm, rope, List.copyOf(nodes));
  }

  private static boolean isHeadNorm(Op.RmsNorm norm, int heads) {
    return norm.groups() == heads && norm.weight().elements() == norm.input().width() / heads;
  }

  /** Whether one kernel can do both: it has one table and one epsilon. */
  boolean agreesWith(Chain other) {
    boolean sameEpsilon =
        norm.isEmpty()
            || other.norm.isEmpty()
            || norm.get().epsilon() == other.norm.get().epsilon();
    return sameEpsilon && rope.equals(other.rope) && !start.equals(other.start);
  }
}
