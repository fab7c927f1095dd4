package org.slmruntime.cpu;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.ops.RopeAngles;
import org.slmruntime.cpu.packed.PackedWeights;
import org.slmruntime.cpu.packed.file.PackedCache;
import org.slmruntime.cpu.parallel.Cores;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Rows;

/** A graph as a list of instructions over fixed buffers. */
final class CpuPlan implements Plan {
  private final PlanOptions options;
  private final MemoryUse memory;
  private final int vocabulary;
  private final Arena arena = Arena.ofShared();
  private final Team team;
  private final Cores.Turn turn;
  private final List<List<Node>> groups;
  private final PackedWeights packed;
  private final Step[] steps;
  private final RopeAngles[] angles;
  private float[][] buffers;
  private final int output;

  CpuPlan(
      Graph graph,
      Weights weights,
      PlanOptions options,
      MemoryUse memory,
      int threads,
      Optional<PackedCache> cache) {
    this.options = options;
    this.memory = memory;
    this.vocabulary = graph.vocabulary();
    this.output = graph.output().id();
    BufferPlan plan = BufferPlan.of(graph, options);
    this.groups = plan.groups();
    this.buffers = plan.allocate();
    this.team = new Team(threads);
    this.turn = Cores.ofThisProcess().turn(threads);
    try {
      this.packed = PackedWeights.load(graph, weights, arena, team, cache, options.progress());
      StepCompiler compiler =
          new StepCompiler(graph, weights, options, team, arena, packed, buffers);
      this.steps = groups.stream().map(compiler::compile).toArray(Step[]::new);
      this.angles = compiler.angles();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  @Override
  public float[] step(StepInput input) {
    if (buffers == null) {
      throw new BackendException("the plan is closed");
    }
    input.check(options, vocabulary);
    packed.requireWhole();
    turn.begin();
    try {
      run(input);
    } finally {
      turn.end();
    }
    return buffers[output];
  }

  private void run(StepInput input) {
    for (RopeAngles table : angles) {
      table.fill(input);
    }
    boolean observed = !options.observer().equals(ValueObserver.NONE);
    for (int i = 0; i < steps.length; i++) {
      steps[i].run(input);
      turn.handOn();
      if (observed) {
        show(groups.get(i), input);
      }
    }
  }

  /** An observer may run other plans, so it gets the cores. */
  private void show(List<Node> group, StepInput input) {
    turn.end();
    try {
      group.forEach(node -> show(node, input));
    } finally {
      turn.begin();
    }
  }

  private void show(Node node, StepInput input) {
    node.output()
        .ifPresent(
            value -> {
              int rows = value.rows() == Rows.TOKENS ? input.tokenCount() : input.outputCount();
              options.observer().onValue(node, rows, buffers[value.id()]);
            });
  }

  @Override
  public MemoryUse memory() {
    return memory;
  }

  @Override
  public void close() {
    if (buffers != null) {
      buffers = null;
      team.close();
      arena.close();
      if (packed != null) {
        packed.close();
      }
    }
  }
}
