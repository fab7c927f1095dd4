package org.slmruntime.cuda;

import java.util.Optional;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.DeviceSampling;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.run.Stepper;
import org.slmruntime.graph.Graph;
import org.slmruntime.sampling.TokenDraws;

/** A compiled graph: checks steps, and lets one thread at a time to the driver. */
final class CudaPlan implements Plan, DeviceSampling {
  private final GpuDriver driver;
  private final Object lock;
  private final PlanOptions options;
  private final MemoryUse memory;
  private final int vocabulary;
  private final boolean observed;
  private final boolean samples;
  private Stepper stepper;
  private int outputs;

  /**
   * @param lock held while the driver is used
   */
  CudaPlan(
      GpuDriver driver,
      Object lock,
      Graph graph,
      PlanOptions options,
      MemoryUse memory,
      Stepper stepper) {
    this.driver = driver;
    this.lock = lock;
    this.options = options;
    this.memory = memory;
    this.vocabulary = graph.vocabulary();
    this.observed = !options.observer().equals(ValueObserver.NONE);
    this.samples = !observed && Stepper.canSample(graph);
    this.stepper = stepper;
  }

  @Override
  public float[] step(StepInput input) {
    synchronized (lock) {
      begin(input);
      return observed ? stepper.observedStep(input) : stepper.step(input);
    }
  }

  @Override
  public int[] step(StepInput input, TokenDraws draws) {
    if (draws.count() != input.outputCount()) {
      throw new BackendException(
          draws.count() + " draws for " + input.outputCount() + " output rows");
    }
    synchronized (lock) {
      begin(input);
      return stepper.step(input, draws);
    }
  }

  @Override
  public float[] logits() {
    synchronized (lock) {
      requireOpen();
      driver.makeCurrent();
      return stepper.logits(outputs);
    }
  }

  private void begin(StepInput input) {
    requireOpen();
    input.check(options, vocabulary);
    outputs = input.outputCount();
    driver.makeCurrent();
  }

  private void requireOpen() {
    if (stepper == null) {
      throw new BackendException("the plan is closed");
    }
  }

  @Override
  public Optional<DeviceSampling> sampling() {
    return samples ? Optional.of(this) : Optional.empty();
  }

  @Override
  public MemoryUse memory() {
    return memory;
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (stepper != null) {
        Stepper closing = stepper;
        stepper = null;
        driver.makeCurrent();
        closing.close();
      }
    }
  }
}
