package org.slmruntime.train.cpu;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Rows;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.gradient.Contribution;
import org.slmruntime.train.gradient.Gradient;
import org.slmruntime.train.gradient.Schedule;

/**
 * Goes through a schedule as the trainer does and counts the arrays that it takes, of each length
 * by itself, as {@link Buffers} keeps them.
 */
final class ActivationMemory {
  private final long tokens;
  private final long outputs;
  private final Set<Weight> thinned;
  private final Map<Long, Count> counts = new HashMap<>();

  private static final class Count {
    long now;
    long most;
  }

  /**
   * @param thinned weights of linear layers with dropout
   */
  ActivationMemory(long tokens, long outputs, Set<Weight> thinned) {
    this.tokens = tokens;
    this.outputs = outputs;
    this.thinned = thinned;
  }

  /**
   * @throws ArithmeticException if they are more than a long counts
   */
  long floats(Schedule schedule) {
    for (Schedule.Task task : schedule.tasks()) {
      switch (task.action()) {
        case Schedule.Evaluate e -> evaluate(e.node().op(), e.node().output());
        case Schedule.TakeOutput t -> take(t.output());
        case Schedule.Differentiate d -> differentiate(d.step());
      }
      task.releases().forEach(this::giveBack);
    }
    return counts.entrySet().stream()
        .mapToLong(e -> Math.multiplyExact(e.getKey(), e.getValue().most))
        .reduce(0, Math::addExact);
  }

  private void evaluate(Op op, Optional<Value> output) {
    output.ifPresent(this::take);
    if (op instanceof Op.Linear linear && thinned.contains(linear.weight())) {
      takeForAMoment(linear.input());
    }
  }

  private void differentiate(Gradient step) {
    step.contributions().stream()
        .filter(term -> !term.adds())
        .map(Contribution::input)
        .forEach(this::take);
    if (step instanceof Gradient.Linear linear && thinned.contains(linear.op().weight())) {
      takeForAMoment(linear.op().input());
    }
    giveBack(step.output());
  }

  private void takeForAMoment(Value value) {
    take(value);
    giveBack(value);
  }

  private long floats(Value value) {
    return Math.multiplyExact(value.rows() == Rows.TOKENS ? tokens : outputs, (long) value.width());
  }

  private void take(Value value) {
    Count count = counts.computeIfAbsent(floats(value), _ -> new Count());
    count.now++;
    count.most = Math.max(count.most, count.now);
  }

  private void giveBack(Value value) {
    counts.get(floats(value)).now--;
  }
}
