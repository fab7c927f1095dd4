package org.slmruntime.tokenizer;

import java.util.Arrays;

/** Strings by prefix, over UTF-16 units. Built once, then read by any thread. */
final class CharTrie {
  private final LongIntMap edges;
  private int[] valueOfNode = new int[64];
  private int nodes = 1;

  CharTrie(int expected) {
    edges = new LongIntMap(expected);
    Arrays.fill(valueOfNode, -1);
  }

  /** Adds a string; the value added last wins. */
  void put(String text, int value) {
    int node = 0;
    for (int i = 0; i < text.length(); i++) {
      node = edges.putIfAbsent(key(node, text.charAt(i)), nodes);
      if (node == nodes) {
        nodes++;
        if (nodes > valueOfNode.length) {
          int old = valueOfNode.length;
          valueOfNode = Arrays.copyOf(valueOfNode, 2 * old);
          Arrays.fill(valueOfNode, old, 2 * old, -1);
        }
      }
    }
    valueOfNode[node] = value;
  }

  /** The node after {@code c}, or -1; the root is 0. */
  int child(int node, char c) {
    return edges.get(key(node, c));
  }

  /** The value of the string that ends at a node, or -1. */
  int value(int node) {
    return valueOfNode[node];
  }

  private static long key(int node, char c) {
    return (long) node << 16 | c;
  }
}
