package org.slmruntime.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.Batches;
import org.slmruntime.testkit.TinyModel;

/**
 * A kernel whose vectors C2 cannot keep in registers is right but ten times slower, and shows only
 * by what it allocates.
 */
class CpuAllocationTest {
  private static final int CONTEXT = 40;
  private static final int STEPS = 50;

  /** What a batch of steps may take: the measuring itself, never a vector per step. */
  private static final long FEW_BYTES = 16L * STEPS;

  private static final long PATIENCE_NANOS = 30_000_000_000L;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {
        "F16", "Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q5_0", "Q5_1", "Q5_K", "Q3_K", "Q6_K", "IQ4_NL",
        "IQ4_XS"
      })
  void onceCompiledAStepAllocatesNothing(DType type) {
    TinyModel model = TinyModel.make(seed, type);
    DType kvType = type == DType.Q8_0 ? DType.Q8_0 : type == DType.F16 ? DType.F16 : DType.F32;
    try (Backend backend = new CpuBackendProvider().open(new BackendOptions(1, 0));
        Plan plan =
            backend.compile(
                model.graph(), model.weights(), Batches.options(kvType, 8, ValueObserver.NONE))) {
      plan.step(step(0, CONTEXT));
      becomesFreeOfAllocation(plan, step(CONTEXT, 1));
      becomesFreeOfAllocation(plan, step(CONTEXT, 9));
    }
  }

  private static StepInput step(int position, int tokens) {
    StepInput input = new StepInput();
    int[] blocks = {0, 1, 2, 3, 4, 5, 6, 7};
    input.beginSequence(blocks, blocks.length);
    for (int i = 0; i < tokens; i++) {
      input.addToken((position + i) % TinyModel.VOCABULARY, position + i, true);
    }
    return input;
  }

  /** Steps until the JIT compiler has done its work. */
  private void becomesFreeOfAllocation(Plan plan, StepInput input) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    long least = Long.MAX_VALUE;
    while (least > FEW_BYTES && System.nanoTime() < end) {
      least = Math.min(least, allocated(plan, input));
    }
    assertTrue(
        least <= FEW_BYTES,
        least + " bytes in " + STEPS + " steps of " + input.tokenCount() + " tokens, seed " + seed);
  }

  private static long allocated(Plan plan, StepInput input) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < STEPS; i++) {
      plan.step(input);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
