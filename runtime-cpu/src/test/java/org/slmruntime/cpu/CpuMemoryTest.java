package org.slmruntime.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.cpu.packed.PackedWeights;
import org.slmruntime.cpu.packed.PackingScratch;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.Batches;
import org.slmruntime.testkit.RandomWeights;
import org.slmruntime.testkit.TinyModel;

/** What a plan takes from the Java heap is what was foretold. */
class CpuMemoryTest {
  private static final long SMALL_THINGS = 256 << 10;

  /** Of the model's longest rows, 512 columns of up to 8.5 bits; needed only while it is loaded. */
  private static final long ROW_BYTES = 544;

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"Q8_0", "Q4_0", "Q6_K"})
  void takesTheMemoryThatItForetells(DType type) {
    TinyModel model = TinyModel.make(1, type);
    long packed = PackedWeights.byteSize(model.graph(), model.weights());
    for (int tokens : new int[] {1, 64, 8192}) {
      for (int threads : new int[] {1, 5}) {
        PlanOptions options =
            new PlanOptions(
                tokens, 1, tokens, 4, 32, DType.F16, ValueObserver.NONE, ProgressListener.NONE);
        try (Backend backend = new CpuBackendProvider().open(new BackendOptions(threads, 0))) {
          // Once before, so that no class is loaded while it is measured.
          backend.compile(model.graph(), model.weights(), options).close();
          ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
          long before = bean.getCurrentThreadAllocatedBytes();
          try (Plan plan = backend.compile(model.graph(), model.weights(), options)) {
            long taken = bean.getCurrentThreadAllocatedBytes() - before;
            MemoryUse memory = plan.memory();
            long foretold = memory.weights() - packed + memory.workspace();
            String hint = tokens + " tokens, " + threads + " threads: " + taken + ", " + memory;
            assertTrue(foretold <= taken, hint);
            long garbage = packed == 0 ? 0 : threads * PackingScratch.byteSize(ROW_BYTES);
            assertTrue(taken <= foretold + garbage + foretold / 500 + SMALL_THINGS, hint);
          }
        }
      }
    }
  }

  /** A table that embeds and is the output layer too is packed; of the file few rows are read. */
  @Test
  void countsPackedWeightsAsTakenAndNotAsMapped() {
    RandomWeights weights = new RandomWeights(new Random(1));
    Weight table = weights.matrix("table", 100, 64, DType.Q4_0);
    Weight matrix = weights.matrix("w", 64, 64, DType.Q5_1);
    GraphBuilder graph = new GraphBuilder("tied");
    Value x = graph.linear("x", graph.embed("e", table), matrix, Weight.none());
    Graph built = graph.build(graph.gatherRows("rows", graph.linear("y", x, table, Weight.none())));
    PlanOptions options = Batches.options(DType.F32, 8, ValueObserver.NONE);
    try (Backend backend = new CpuBackendProvider().open(new BackendOptions(1, 0))) {
      MemoryUse memory = backend.estimate(built, weights, options);
      assertEquals(0, memory.mappedWeights());
      // Panels are padded to 32 rows at most.
      long least = 100 * 64 / 32 * 18 + 64 * 64 / 32 * 24;
      assertTrue(
          least <= memory.weights() && memory.weights() <= least + 28 * 36, memory.toString());
    }
  }

  @Test
  void countsAsMappedWhatEachStepReadsOfTheFile() {
    RandomWeights weights = new RandomWeights(new Random(1));
    Weight table = weights.matrix("table", 100, 64, DType.F16);
    Weight output = weights.matrix("output", 100, 64, DType.BF16);
    GraphBuilder graph = new GraphBuilder("untied");
    Value x = graph.embed("e", table);
    Graph built =
        graph.build(graph.gatherRows("rows", graph.linear("y", x, output, Weight.none())));
    PlanOptions options = Batches.options(DType.F32, 8, ValueObserver.NONE);
    try (Backend backend = new CpuBackendProvider().open(new BackendOptions(1, 0))) {
      assertEquals(100 * 64 * 2, backend.estimate(built, weights, options).mappedWeights());
    }
  }
}
