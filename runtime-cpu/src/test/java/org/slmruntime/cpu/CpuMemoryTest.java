package org.slmruntime.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.TinyModel;

/** What a plan takes from the Java heap is what was foretold. */
class CpuMemoryTest {
  private static final long SMALL_THINGS = 256 << 10;

  @Test
  void takesTheMemoryThatItForetells() {
    TinyModel model = TinyModel.make(1, DType.Q8_0);
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
            long foretold = memory.weights() + memory.workspace();
            String hint = tokens + " tokens, " + threads + " threads: " + taken + ", " + memory;
            assertTrue(foretold <= taken, hint);
            assertTrue(taken <= foretold + foretold / 500 + SMALL_THINGS, hint);
          }
        }
      }
    }
  }
}
