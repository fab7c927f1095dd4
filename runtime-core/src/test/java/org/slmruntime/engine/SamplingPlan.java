package org.slmruntime.engine;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.DeviceSampling;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.sampling.TokenDraws;

/**
 * Chooses tokens itself and refuses to give logits away, so that a test sees which way the engine
 * went. After token {@value #BROKEN} all logits are NaN.
 */
final class SamplingPlan implements Plan, DeviceSampling {
  static final String REFUSAL = "the logits stay here";
  static final int BROKEN = 33;

  private final Plan reference;
  private final int vocabulary;
  private final int[] ids;
  private float[] logits;

  SamplingPlan(Plan reference, int vocabulary, int maxOutputs) {
    this.reference = reference;
    this.vocabulary = vocabulary;
    this.ids = new int[maxOutputs];
  }

  @Override
  public float[] step(StepInput input) {
    if (input.outputCount() > 0) {
      throw new BackendException(REFUSAL);
    }
    return reference.step(input);
  }

  @Override
  public Optional<DeviceSampling> sampling() {
    return Optional.of(this);
  }

  @Override
  public int[] step(StepInput input, TokenDraws draws) {
    logits = reference.step(input);
    for (int row = 0; row < draws.count(); row++) {
      if (input.token(input.outputToken(row)) == BROKEN) {
        logits[row * vocabulary + 5] = Float.NaN;
        ids[row] = -1;
      } else {
        ids[row] = choose(row, draws);
      }
    }
    return ids;
  }

  @Override
  public float[] logits() {
    return logits;
  }

  private int choose(int row, TokenDraws draws) {
    Comparator<Integer> likely = Comparator.comparingDouble(id -> 0.0 - logit(row, id));
    List<Integer> kept = IntStream.range(0, vocabulary).boxed().sorted(likely).toList();
    if (draws.temperature(row) == 0) {
      return kept.getFirst();
    }
    kept = draws.topK(row) > 0 ? kept.subList(0, Math.min(draws.topK(row), vocabulary)) : kept;
    double[] p = softmax(row, kept, 1);
    int count = 1;
    double mass = p[0];
    while (count < p.length
        && (draws.topP(row) == 1 || mass < draws.topP(row))
        && p[count] >= draws.minP(row) * p[0]) {
      mass += p[count++];
    }
    kept = kept.subList(0, count);
    p = softmax(row, kept, draws.temperature(row));
    double point = draws.uniform(row);
    int chosen = 0;
    while (chosen < count - 1 && point >= p[chosen]) {
      point -= p[chosen++];
    }
    return kept.get(chosen);
  }

  private double[] softmax(int row, List<Integer> ids, double temperature) {
    double max = logit(row, ids.getFirst());
    double[] p =
        ids.stream().mapToDouble(i -> Math.exp((logit(row, i) - max) / temperature)).toArray();
    double total = IntStream.range(0, p.length).mapToDouble(i -> p[i]).sum();
    return IntStream.range(0, p.length).mapToDouble(i -> p[i] / total).toArray();
  }

  private double logit(int row, int id) {
    return logits[row * vocabulary + id];
  }

  @Override
  public MemoryUse memory() {
    return reference.memory();
  }

  @Override
  public void close() {
    reference.close();
  }
}
