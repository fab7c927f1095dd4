package org.slmruntime.cuda.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.slmruntime.cuda.plan.ArenaPlan;
import org.slmruntime.cuda.plan.Program;
import org.slmruntime.cuda.plan.Step;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/**
 * The memory of a step, one allocation.
 *
 * @param state what the host tells
 * @param angles offset of each rotary table's angles
 * @param ids offset of the sampled tokens
 * @param prepared offset of a product's prepared input, which several products may read
 * @param scratch offset of what lives within one step of the program only
 * @param activations offset of the arena
 * @param arena of the activations
 */
record WorkspaceLayout(
    StateLayout state,
    Map<RotaryTable, Long> angles,
    long ids,
    long prepared,
    long scratch,
    long activations,
    ArenaPlan arena,
    long bytes) {
  static WorkspaceLayout of(
      Program program, Function<Weight, DType> types, Capacity capacity, LibraryUse library) {
    StateLayout state = StateLayout.of(capacity);
    ArenaPlan arena = ArenaPlan.of(program.buffers(), capacity.tokens(), capacity.outputs());
    Offsets at = new Offsets();
    at.add(state.bytes());
    Map<RotaryTable, Long> angles = new LinkedHashMap<>();
    for (Step step : program.steps()) {
      RotaryTable table = table(step);
      if (table != null && !angles.containsKey(table)) {
        long bytes = 2L * Float.BYTES * table.frequencies().length;
        angles.put(table, at.add(capacity.tokens(), bytes));
      }
    }
    long ids = at.add(capacity.outputs(), Integer.BYTES);
    long prepared = 0;
    long scratch = samplingBytes(program, capacity);
    for (Step step : program.steps()) {
      if (step instanceof Step.Product product) {
        DType type = types.apply(product.matrix().parts().getFirst());
        ProductMemory memory = ProductMemory.of(product, type, capacity, library);
        prepared = Math.max(prepared, memory.prepared());
        scratch = Math.max(scratch, memory.scratch());
      } else if (step instanceof Step.Single(Op.Attention attention, var _)) {
        scratch = Math.max(scratch, partialBytes(attention, capacity));
      }
    }
    return new WorkspaceLayout(
        state,
        angles,
        ids,
        at.add(prepared),
        at.add(scratch),
        at.add(arena.bytes()),
        arena,
        at.end());
  }

  private static RotaryTable table(Step step) {
    return switch (step) {
      case Step.Append append -> append.rope().orElse(null);
      case Step.Single(Op.Rope rope, var _) -> rope.table();
      default -> null;
    };
  }

  /** Unnormalized sums, maximum and denominator of every part of the context. */
  private static long partialBytes(Op.Attention op, Capacity capacity) {
    long row = (long) op.heads() * (op.layer().valueSize() + 2) * Float.BYTES;
    return Math.multiplyExact(capacity.partials(), row);
  }

  private static long samplingBytes(Program program, Capacity capacity) {
    long row = 2L * Float.BYTES * program.graph().outputWidth();
    return Math.multiplyExact(capacity.outputs(), row);
  }
}
