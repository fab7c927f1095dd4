package org.slmruntime.backend.reference;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/** Runs a graph of a few operations whose inputs are the rows of an embedding table. */
final class OneOp {
  private final Map<String, float[]> stored = new HashMap<>();
  private final float[][] rows;
  DType kvType = DType.F32;

  /**
   * @param rows the input of token i
   */
  OneOp(float[]... rows) {
    this.rows = rows;
    stored.put("rows", flat(rows));
  }

  Weight vector(String name, float... values) {
    stored.put(name, values);
    return Weight.vector(name, values.length);
  }

  Weight matrix(String name, float[]... values) {
    stored.put(name, flat(values));
    return Weight.matrix(name, values.length, values[0].length);
  }

  /** Runs tokens 0, 1, ... of one sequence in one step; an output row for each. */
  float[] run(BiFunction<GraphBuilder, Value, Value> ops) {
    GraphBuilder builder = new GraphBuilder("test");
    Value input = builder.embed("rows", Weight.matrix("rows", rows.length, rows[0].length));
    Value output = builder.gatherRows("out", ops.apply(builder, input));
    Graph graph = builder.build(output);
    PlanOptions options =
        new PlanOptions(
            rows.length, 1, rows.length, 8, 2, kvType, ValueObserver.NONE, ProgressListener.NONE);
    StepInput step = new StepInput();
    step.beginSequence(new int[] {5, 0, 7, 2}, 4);
    for (int i = 0; i < rows.length; i++) {
      step.addToken(i, i, true);
    }
    try (Plan plan =
        new ReferenceBackendProvider()
            .open(BackendOptions.defaults())
            .compile(graph, weights(), options)) {
      return Arrays.copyOf(plan.step(step), rows.length * output.width());
    }
  }

  private Weights weights() {
    return weight -> {
      float[] values = stored.get(weight.name());
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      return new Weights.Stored(DType.F32, MemorySegment.ofArray(bytes.array()));
    };
  }

  private static float[] flat(float[][] rows) {
    float[] all = new float[rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, all, i * rows[0].length, rows[0].length);
    }
    return all;
  }
}
