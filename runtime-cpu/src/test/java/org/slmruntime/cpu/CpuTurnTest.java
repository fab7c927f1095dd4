package org.slmruntime.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.cpu.parallel.Cores;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.Batches;
import org.slmruntime.testkit.TinyModel;

/** Plans of one process share its cores. */
@Timeout(60)
class CpuTurnTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final TinyModel model = TinyModel.make(seed, DType.Q8_0);
  private final Backend backend = new CpuBackendProvider().open(new BackendOptions(2, 0));

  @AfterEach
  void closeBackend() {
    backend.close();
  }

  @Test
  void plansThatStepAtOnceGiveWhatTheyGiveAlone() throws Exception {
    float[] alone;
    try (Plan plan = plan(ValueObserver.NONE)) {
      alone = plan.step(step(7)).clone();
    }
    try (ExecutorService users = Executors.newFixedThreadPool(3)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        all.add(users.submit(() -> stepOften(alone)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  private void stepOften(float[] expected) {
    try (Plan plan = plan(ValueObserver.NONE)) {
      for (int i = 0; i < 100; i++) {
        assertArrayEquals(expected, plan.step(step(7)), "seed " + seed);
      }
    }
  }

  @Test
  void aStepWaitsForCores() throws InterruptedException, ExecutionException {
    Cores.Turn everything = Cores.ofThisProcess().turn(Integer.MAX_VALUE);
    try (Plan plan = plan(ValueObserver.NONE);
        ExecutorService user = Executors.newSingleThreadExecutor()) {
      everything.begin();
      Future<float[]> logits = user.submit(() -> plan.step(step(1)));
      Thread.sleep(200);
      boolean early = logits.isDone();
      everything.end();
      logits.get();
      assertTrue(!early, "a step ran on cores that were taken");
    }
  }

  @Test
  void anObserverMayRunAnotherPlan() {
    AtomicInteger values = new AtomicInteger();
    try (Plan other = plan(ValueObserver.NONE);
        Plan observed =
            plan(
                (_, _, _) -> {
                  other.step(step(1));
                  values.incrementAndGet();
                })) {
      observed.step(step(3));
      assertEquals(model.graph().values().size(), values.get());
    }
  }

  private Plan plan(ValueObserver observer) {
    return backend.compile(model.graph(), model.weights(), Batches.options(DType.F32, 8, observer));
  }

  private static StepInput step(int tokens) {
    StepInput input = new StepInput();
    int[] blocks = {0, 1, 2};
    input.beginSequence(blocks, blocks.length);
    for (int i = 0; i < tokens; i++) {
      input.addToken(i % TinyModel.VOCABULARY, i, true);
    }
    return input;
  }
}
