package org.slmruntime.train.gradient;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Value;

/**
 * Cuts a graph wherever a single value is all that later nodes read of earlier ones, as the
 * residual stream between layers is. Keys and values are read by attention, so it stays in one
 * segment with their append.
 */
final class Segments {
  private Segments() {}

  /** The graph's nodes in order, in as many parts as there are. */
  static List<List<Node>> of(Graph graph) {
    int[] lastReads = lastReads(graph);
    List<List<Node>> segments = new ArrayList<>();
    int begin = 0;
    int crossing = 0;
    for (Node node : graph.nodes()) {
      crossing += node.output().filter(y -> lastReads[y.id()] > node.index()).isPresent() ? 1 : 0;
      for (int read : lastReads) {
        crossing -= read == node.index() ? 1 : 0;
      }
      if (crossing == 1) {
        segments.add(graph.nodes().subList(begin, node.index() + 1));
        begin = node.index() + 1;
      }
    }
    return segments;
  }

  /**
   * By value id: the index of the last node that reads it; -1 if none; the end's for the output.
   */
  private static int[] lastReads(Graph graph) {
    Sources sources = Sources.of(graph);
    int[] last = new int[graph.values().size()];
    Arrays.fill(last, -1);
    for (Node node : graph.nodes()) {
      for (Value value : sources.of(node.op())) {
        last[value.id()] = node.index();
      }
    }
    last[graph.output().id()] = graph.nodes().size();
    return last;
  }
}
