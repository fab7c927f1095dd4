package org.slmruntime.train.finetune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Weight;
import org.slmruntime.lora.LowRank;
import org.slmruntime.train.TrainException;

/**
 * What adapter is to be trained. Immutable.
 *
 * @param rank columns of B and rows of A
 * @param alpha the change is multiplied with {@code alpha / rank}
 * @param rankStabilized divide by the root of the rank instead (rsLoRA; Kalajdzievski, 2023)
 * @param targets the layers that are changed, in every block
 * @param dropout the share of an adapter's inputs that a step leaves out
 */
public record AdapterSettings(
    int rank, double alpha, boolean rankStabilized, Set<Target> targets, double dropout) {
  /** Most of what makes sense; a rank is at most the smaller side of its matrix in any case. */
  public static final int MAX_RANK = 4096;

  public AdapterSettings {
    if (rank < 1 || rank > MAX_RANK) {
      throw new TrainException("the rank must be in 1.." + MAX_RANK + " but is " + rank);
    }
    if (!(alpha > 0 && alpha < Float.MAX_VALUE)) {
      throw new TrainException("alpha must be above 0 but is " + alpha);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new TrainException("dropout must be from 0 to below 1 but is " + dropout);
    }
    if (targets.isEmpty()) {
      throw new TrainException("no layers are to be changed");
    }
    targets = Set.copyOf(targets);
  }

  /** What the product of both matrices is multiplied with. */
  public double scale() {
    return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
  }

  /**
   * The changes of a model's layers, in the order of the graph.
   *
   * @throws TrainException if it has none of the targets, or the rank exceeds a matrix
   */
  List<LowRank> changes(Graph graph) {
    List<LowRank> changes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Linear linear && targets.stream().anyMatch(t -> t.is(node))) {
        changes.add(change(node, linear.weight()));
      }
    }
    if (changes.isEmpty()) {
      throw new TrainException("graph " + graph.name() + " has no layers " + targets);
    }
    return List.copyOf(changes);
  }

  private LowRank change(Node node, Weight base) {
    if (rank > Math.min(base.rows(), base.columns())) {
      throw new TrainException("rank " + rank + " is more than " + base + " can have");
    }
    // Layers that are rows of one fused matrix share its name, so it is made of the node's.
    String name = node.qualifiedName() + ".weight";
    return LowRank.named(name, base, rank, (float) scale());
  }

  /**
   * First weights: A is drawn evenly from {@code -1/sqrt(columns) .. 1/sqrt(columns)} as in PEFT, B
   * is zero, so that nothing is changed yet.
   */
  static Map<Weight, float[]> firstWeights(List<LowRank> changes, long seed) {
    Random random = new Random(seed);
    Map<Weight, float[]> weights = new LinkedHashMap<>();
    for (LowRank change : changes) {
      float[] a = new float[Math.toIntExact(change.a().elements())];
      double most = 1 / Math.sqrt(change.a().columns());
      for (int i = 0; i < a.length; i++) {
        a[i] = (float) (most * (2 * random.nextDouble() - 1));
      }
      weights.put(change.a(), a);
      weights.put(change.b(), new float[Math.toIntExact(change.b().elements())]);
    }
    return weights;
  }
}
