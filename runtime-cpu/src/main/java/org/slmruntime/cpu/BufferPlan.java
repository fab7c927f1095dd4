package org.slmruntime.cpu;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Rows;
import org.slmruntime.graph.Value;

/**
 * Which buffer holds which value. A buffer is used again once its value has been read for the last
 * time, so a deep model needs no more of them than a shallow one.
 *
 * @param groups the nodes in execution order; those in one group run together
 * @param slots buffer index by value id
 * @param sizes floats of each buffer
 */
record BufferPlan(List<List<Node>> groups, int[] slots, long[] sizes) {
  /** Largest array a JVM gives for sure. */
  private static final long MAX_FLOATS = Integer.MAX_VALUE - 8;

  static BufferPlan of(Graph graph, PlanOptions options) {
    List<List<Node>> groups = groups(graph);
    Map<Integer, Integer> lastUse = lastUse(groups);
    lastUse.put(graph.output().id(), groups.size());
    int[] slots = new int[graph.values().size()];
    List<Long> sizes = new ArrayList<>();
    List<Integer> free = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      List<Node> group = groups.get(g);
      boolean inPlace = isInPlace(group.getFirst().op());
      if (inPlace) {
        release(g, group, lastUse, slots, free);
      }
      for (Node node : group) {
        if (node.output().isPresent()) {
          Value value = node.output().get();
          slots[value.id()] = take(free, sizes, floats(value, options));
        }
      }
      if (!inPlace) {
        release(g, group, lastUse, slots, free);
      }
    }
    return new BufferPlan(groups, slots, sizes.stream().mapToLong(Long::longValue).toArray());
  }

  long floats() {
    long sum = 0;
    for (long size : sizes) {
      sum = Math.addExact(sum, size);
    }
    return sum;
  }

  /** The buffers by value id; values share them. */
  float[][] allocate() {
    float[][] buffers = new float[sizes.length][];
    for (int i = 0; i < sizes.length; i++) {
      buffers[i] = new float[(int) sizes[i]];
    }
    float[][] byValue = new float[slots.length][];
    for (int id = 0; id < slots.length; id++) {
      byValue[id] = buffers[slots[id]];
    }
    return byValue;
  }

  /** Linear operations that follow each other on one input make a group, all others stand alone. */
  private static List<List<Node>> groups(Graph graph) {
    List<List<Node>> groups = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Linear linear
          && !groups.isEmpty()
          && groups.getLast().getFirst().op() instanceof Op.Linear first
          && first.input().equals(linear.input())) {
        groups.getLast().add(node);
      } else {
        groups.add(new ArrayList<>(List.of(node)));
      }
    }
    return groups;
  }

  private static Map<Integer, Integer> lastUse(List<List<Node>> groups) {
    Map<Integer, Integer> last = new HashMap<>();
    for (int g = 0; g < groups.size(); g++) {
      for (Node node : groups.get(g)) {
        int index = g;
        node.op().inputs().forEach(value -> last.put(value.id(), index));
      }
    }
    return last;
  }

  /** Whether an operation may write over what it reads. */
  private static boolean isInPlace(Op op) {
    return switch (op) {
      case Op.Add _, Op.Mul _, Op.Scale _, Op.GatedActivation _ -> true;
      default -> false;
    };
  }

  /** Frees the buffers of values that no later group reads. */
  private static void release(
      int g, List<Node> group, Map<Integer, Integer> lastUse, int[] slots, List<Integer> free) {
    group.stream()
        .flatMap(node -> node.op().inputs().stream())
        .map(Value::id)
        .distinct()
        .filter(id -> lastUse.get(id) == g)
        .forEach(id -> free.add(slots[id]));
  }

  /** The free buffer that fits best, grown if none is large enough, or a new one. */
  private static int take(List<Integer> free, List<Long> sizes, long floats) {
    int best = -1;
    for (int slot : free) {
      if (best < 0 || fitsBetter(sizes.get(slot), sizes.get(best), floats)) {
        best = slot;
      }
    }
    if (best < 0) {
      sizes.add(floats);
      return sizes.size() - 1;
    }
    free.remove(Integer.valueOf(best));
    sizes.set(best, Math.max(sizes.get(best), floats));
    return best;
  }

  private static boolean fitsBetter(long size, long best, long floats) {
    if (size >= floats) {
      return best < floats || size < best;
    }
    return best < floats && size > best;
  }

  private static long floats(Value value, PlanOptions options) {
    int rows = value.rows() == Rows.TOKENS ? options.maxTokens() : options.maxOutputs();
    long floats = (long) rows * value.width();
    if (floats > MAX_FLOATS) {
      throw new BackendException(
          "a step of "
              + rows
              + " rows of width "
              + value.width()
              + " is too large for one array; use smaller steps");
    }
    return floats;
  }
}
