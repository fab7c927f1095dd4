package org.slmruntime.train.gradient;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainException;

/** Which choices of weights to train make sense. */
final class TrainedWeights {
  private TrainedWeights() {}

  /**
   * @throws TrainException unless there are some, all are of the graph, and no other weight of the
   *     graph holds some of the same elements: that would keep an old value of them
   */
  static void check(Graph graph, Set<Weight> trained) {
    if (trained.isEmpty()) {
      throw new TrainException("no weight of graph " + graph.name() + " is to be trained");
    }
    Map<String, List<Weight>> byName =
        graph.weights().stream().collect(Collectors.groupingBy(Weight::name));
    for (Weight weight : trained) {
      List<Weight> sameName = byName.getOrDefault(weight.name(), List.of());
      if (!sameName.contains(weight)) {
        throw new TrainException("graph " + graph.name() + " has no weight " + weight);
      }
      for (Weight other : sameName) {
        if (!other.equals(weight) && overlap(weight, other)) {
          throw new TrainException(
              "graph " + graph.name() + " uses the same elements as " + weight + " and " + other);
        }
      }
    }
  }

  private static boolean overlap(Weight a, Weight b) {
    return a.offset() < b.offset() + b.elements() && b.offset() < a.offset() + a.elements();
  }
}
