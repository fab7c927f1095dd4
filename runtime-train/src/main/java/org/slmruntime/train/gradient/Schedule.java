package org.slmruntime.train.gradient;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Value;

/**
 * All that an executor does for one batch, in order, and when it may forget values of the forward
 * pass: as soon as nothing that is still to come reads them. With recomputation (Chen et al., 2016)
 * the graph is cut where only one value crosses, between layers; only these values stay, and before
 * the gradients of a segment, from the last to the first, its nodes are evaluated again, as far as
 * the gradients read them. The last segment's values are still there. Immutable.
 */
public record Schedule(List<Task> tasks) {
  public Schedule {
    tasks = List.copyOf(tasks);
  }

  /** What is to be done. */
  public sealed interface Action {}

  /** Computes a node's output, for the first or the second time. */
  public record Evaluate(Node node) implements Action {}

  /** Takes the output: for the loss, and where there are gradients, for that of the output. */
  public record TakeOutput(Value output) implements Action {}

  /** Runs a step of the backward pass. */
  public record Differentiate(Gradient step) implements Action {}

  /**
   * One after the other.
   *
   * @param releases the values of the forward pass that nothing needs after it
   */
  public record Task(Action action, List<Value> releases) {
    public Task {
      releases = List.copyOf(releases);
    }
  }

  /** The output alone. */
  public static Schedule evaluation(Graph graph) {
    return of(Sources.of(graph), forward(graph));
  }

  /** The output and the gradients; no value is computed twice. */
  public static Schedule keeping(BackwardProgram program) {
    return training(program, List.of(program.graph().nodes()));
  }

  /** The output and the gradients; only values between segments stay meanwhile. */
  public static Schedule recomputing(BackwardProgram program) {
    return training(program, Segments.of(program.graph()));
  }

  private static Schedule training(BackwardProgram program, List<List<Node>> segments) {
    Sources sources = Sources.of(program.graph());
    List<Action> actions = new ArrayList<>(forward(program.graph()));
    List<Gradient> left = program.steps();
    for (int i = segments.size() - 1; i >= 0; i--) {
      int count = stepsOf(segments.get(i), left);
      List<Gradient> steps = left.subList(0, count);
      left = left.subList(count, left.size());
      if (i < segments.size() - 1) {
        actions.addAll(again(segments.get(i), steps, sources));
      }
      steps.forEach(step -> actions.add(new Differentiate(step)));
    }
    return of(sources, actions);
  }

  private static List<Action> forward(Graph graph) {
    List<Action> actions = new ArrayList<>();
    graph.nodes().forEach(node -> actions.add(new Evaluate(node)));
    actions.add(new TakeOutput(graph.output()));
    return actions;
  }

  /** How many of the steps, which go back through the graph, belong to the segment. */
  private static int stepsOf(List<Node> segment, List<Gradient> steps) {
    Set<Value> defined = new HashSet<>();
    segment.forEach(node -> node.output().ifPresent(defined::add));
    return (int) steps.stream().takeWhile(step -> defined.contains(step.output())).count();
  }

  /** The nodes of a segment that its gradients need again; what leaves the segment has stayed. */
  private static List<Action> again(List<Node> segment, List<Gradient> steps, Sources sources) {
    Set<Value> needed = new HashSet<>();
    steps.forEach(step -> needed.addAll(step.reads()));
    segment.getLast().output().ifPresent(needed::remove);
    List<Action> again = new ArrayList<>();
    for (Node node : segment.reversed()) {
      if (node.output().filter(needed::contains).isPresent()) {
        needed.addAll(sources.of(node.op()));
        again.add(new Evaluate(node));
      }
    }
    return again.reversed();
  }

  /** Walks back, and so meets the last use of each value first. */
  private static Schedule of(Sources sources, List<Action> actions) {
    Set<Value> needed = new HashSet<>();
    List<Task> tasks = new ArrayList<>();
    for (Action action : actions.reversed()) {
      List<Value> releases = new ArrayList<>();
      reads(action, sources).stream().filter(needed::add).forEach(releases::add);
      if (action instanceof Evaluate(Node node)) {
        node.output().filter(y -> !needed.remove(y)).ifPresent(releases::add);
      }
      tasks.add(new Task(action, releases));
    }
    return new Schedule(tasks.reversed());
  }

  private static List<Value> reads(Action action, Sources sources) {
    return switch (action) {
      case Evaluate(Node node) -> sources.of(node.op());
      case TakeOutput(Value output) -> List.of(output);
      case Differentiate(Gradient step) -> step.reads();
    };
  }
}
