package org.slmruntime.cuda.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Value;

/**
 * A graph as steps over buffers.
 *
 * @param steps in execution order
 * @param nodes the last node that each step computes
 * @param views where each value lies that is made at all
 */
public record Program(
    Graph graph, List<Step> steps, List<Node> nodes, List<Buffer> buffers, Map<Value, View> views) {
  private static final int ROW_ALIGNMENT = 4;

  public Program {
    steps = List.copyOf(steps);
    nodes = List.copyOf(nodes);
    buffers = List.copyOf(buffers);
    views = Map.copyOf(views);
  }

  /**
   * Lays the results out.
   *
   * @param places values that overwrite another
   */
  static Program of(Graph graph, List<Step> steps, List<Node> nodes, Map<Value, Value> places) {
    List<Buffer> buffers = new ArrayList<>();
    Map<Value, View> views = new HashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      List<Value> fresh =
          steps.get(i).writes().stream()
              .filter(v -> !places.containsKey(v) && !views.containsKey(v))
              .toList();
      place(fresh, i, root(graph.output(), places), buffers, views);
      for (Value value : all(steps.get(i))) {
        int buffer = views.get(root(value, places)).buffer();
        buffers.set(buffer, buffers.get(buffer).usedAt(i));
      }
    }
    places.keySet().forEach(value -> views.put(value, views.get(root(value, places))));
    int output = views.get(graph.output()).buffer();
    buffers.set(output, buffers.get(output).usedAt(steps.size()));
    return new Program(graph, steps, nodes, buffers, views);
  }

  private static Value root(Value value, Map<Value, Value> places) {
    Value root = value;
    while (places.containsKey(root)) {
      root = places.get(root);
    }
    return root;
  }

  private static int stride(Value first, int width, Value output) {
    // Logits are copied to the host, in one piece if there are no gaps.
    boolean whole = first.equals(output);
    return whole ? width : Math.ceilDiv(width, ROW_ALIGNMENT) * ROW_ALIGNMENT;
  }

  private static void place(
      List<Value> values, int step, Value output, List<Buffer> buffers, Map<Value, View> views) {
    int column = 0;
    for (Value value : values) {
      views.put(value, new View(buffers.size(), column));
      column += value.width();
    }
    if (!values.isEmpty()) {
      Value first = values.getFirst();
      buffers.add(new Buffer(first.rows(), stride(first, column, output), step, step));
    }
  }

  private static List<Value> all(Step step) {
    List<Value> all = new ArrayList<>(step.reads());
    all.addAll(step.writes());
    return all;
  }

  public View view(Value value) {
    return views.get(value);
  }

  public Buffer buffer(Value value) {
    return buffers.get(view(value).buffer());
  }
}
