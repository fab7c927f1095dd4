package org.slmruntime.graph;

import java.util.Optional;

/**
 * One line of a graph.
 *
 * @param name what it computes, e.g. {@code attn_q}; unique within its layer
 * @param layer block number, or -1 outside the blocks
 * @param output the value it defines; empty for operations with an effect only
 */
public record Node(int index, String name, int layer, Op op, Optional<Value> output) {
  /** The name with its layer, e.g. {@code blk.3.attn_q}. */
  public String qualifiedName() {
    return layer < 0 ? name : "blk." + layer + "." + name;
  }
}
