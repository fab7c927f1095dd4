package org.slmruntime.train.finetune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Weight;
import org.slmruntime.lora.LoraTarget;
import org.slmruntime.lora.LowRank;
import org.slmruntime.lora.PeftWriter;
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

  /** The same as {@code adapter_config.json} says it. */
  PeftWriter.Settings peft(String baseModel) {
    List<String> modules = targets.stream().sorted().map(Target::module).toList();
    return new PeftWriter.Settings(baseModel, rank, alpha, rankStabilized, modules);
  }

  /**
   * The layers of a model that are changed, in the order of its graph.
   *
   * @throws org.slmruntime.SlmException if it lacks one of the targets
   */
  List<LoraTarget> layers(Graph graph) {
    return LoraTarget.find(graph, peft("").targets());
  }

  /** The changes of these layers. */
  List<LowRank> changes(List<LoraTarget> layers) {
    float scale = peft("").scale();
    return layers.stream().map(layer -> layer.change(rank, scale)).toList();
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
