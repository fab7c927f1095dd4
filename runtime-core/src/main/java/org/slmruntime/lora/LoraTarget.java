package org.slmruntime.lora;

import java.util.ArrayList;
import java.util.List;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Weight;

/**
 * A linear layer that can be adapted.
 *
 * @param layer GGUF's name, e.g. {@code blk.3.attn_q}
 * @param module transformers' name, e.g. {@code model.layers.3.self_attn.q_proj}
 * @param matrix what it multiplies with, perhaps rows of a fused one
 */
public record LoraTarget(String layer, String module, Weight matrix) {
  /** The name that takes all linear layers but the output layer, as in PEFT. */
  public static final String ALL_LINEAR = "all-linear";

  /**
   * The layers of a graph that are wanted, in its order.
   *
   * @param wanted names of modules or ends of them ({@code q_proj}), or {@link #ALL_LINEAR}
   * @throws AdapterException if a name is of no layer of the graph
   */
  public static List<LoraTarget> find(Graph graph, List<String> wanted) {
    List<LoraTarget> all = all(graph);
    List<String> names = new ArrayList<>(wanted);
    List<LoraTarget> found = new ArrayList<>();
    for (LoraTarget target : all) {
      if (wanted.stream().anyMatch(target::isNamed)) {
        found.add(target);
        names.removeIf(target::isNamed);
      }
    }
    if (!names.isEmpty() || found.isEmpty()) {
      throw new AdapterException(
          "graph " + graph.name() + " has no linear layer " + String.join(", ", names));
    }
    return found;
  }

  private static List<LoraTarget> all(Graph graph) {
    List<LoraTarget> all = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Linear linear) {
        HuggingFaceNames.fromGguf(node.qualifiedName())
            .ifPresent(
                module -> all.add(new LoraTarget(node.qualifiedName(), module, linear.weight())));
      }
    }
    return all;
  }

  private boolean isNamed(String name) {
    return name.equals(ALL_LINEAR)
        ? layer.startsWith("blk.")
        : module.equals(name) || module.endsWith("." + name);
  }

  /** The module's name within its block, e.g. {@code q_proj}. */
  String kind() {
    return module.substring(module.lastIndexOf('.') + 1);
  }

  /** A change of the layer, with tensors named after it. */
  public LowRank change(int rank, float scale) {
    return LowRank.named(layer + ".weight", matrix, rank, scale);
  }
}
