package org.slmruntime.cuda.run;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.kernel.GpuKernels;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Value;
import org.slmruntime.sampling.TokenDraws;

/**
 * A blueprint in device memory, ready to run steps. Its owner sees to it that one thread at a time
 * uses the driver.
 */
public final class Stepper implements AutoCloseable {
  private final GpuDriver driver;
  private final Blueprint plan;
  private final PlanMemory memory;
  private final Addresses addresses;
  private long stream;
  private final MemorySegment state;
  private final StepState stepState;
  private final Lowering.Tasks tasks;
  private final Optional<DecodeGraphs> graphs;
  private final TokenSampler sampler;
  private final RowReader rows;
  private final StepShape shape = new StepShape();

  /** Allocates and uploads everything, or nothing if that fails. */
  public Stepper(
      GpuDriver driver, GpuKernels kernels, Blueprint plan, Weights weights, boolean recorded) {
    this.driver = driver;
    this.plan = plan;
    this.memory = new PlanMemory(driver);
    try {
      plan.weights().upload(driver, memory::allocate, weights, plan.options().progress());
      this.stream = memory.stream();
      this.addresses =
          new Addresses(
              plan,
              memory.allocate(plan.cache().bytes()),
              memory.allocate(plan.workspace().bytes()));
      StateLayout layout = plan.workspace().state();
      this.state = memory.pinned(layout.bytes());
      this.stepState = new StepState(layout, plan.capacity(), state);
      Sites sites = new Sites(driver, kernels, memory.arena());
      this.tasks = Lowering.lower(plan, driver.gemm().library(), sites, addresses);
      this.rows = new RowReader(driver, stream, plan, addresses, memory);
      this.sampler = new TokenSampler(plan, sites, addresses, memory);
      this.graphs =
          recorded ? Optional.of(new DecodeGraphs(driver, stream, tasks)) : Optional.empty();
      graphs.ifPresent(g -> memory.onClose(g::close));
      clearCache();
    } catch (RuntimeException | Error e) {
      closeAfter(e);
      throw e;
    }
  }

  /** Whether the sampling kernels take logits of this width. */
  public static boolean canSample(Graph graph) {
    return graph.outputWidth() <= TokenSampler.MOST_TOKENS;
  }

  /**
   * What attention reads beside a row that was never written is multiplied with 0, not with NaN.
   */
  private void clearCache() {
    if (plan.cache().bytes() > 0) {
      driver.fillAsync(addresses.cacheBase(), (byte) 0, plan.cache().bytes(), stream);
      driver.synchronize(stream);
    }
  }

  private void closeAfter(Throwable cause) {
    try {
      close();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  /** Runs a step and returns its logits, row-major without gaps. */
  public float[] step(StepInput input) {
    compute(input);
    return logits(input.outputCount());
  }

  /** Runs a step and samples; negative ids where a row has nothing to sample from. */
  public int[] step(StepInput input, TokenDraws draws) {
    stepState.write(draws);
    compute(input);
    return sampler.sample(draws, stream, driver);
  }

  /** The first logits of the last step. */
  public float[] logits(int outputs) {
    return rows.logits(outputs);
  }

  private void compute(StepInput input) {
    boolean decode = graphs.isPresent() && StepState.isDecode(input);
    write(input, decode);
    if (decode) {
      graphs.get().run(shape);
    } else {
      tasks.run(shape, stream);
    }
  }

  private void write(StepInput input, boolean padded) {
    long bytes = stepState.write(input, padded, shape);
    driver.uploadAsync(addresses.state(), state, bytes, stream);
  }

  /** Runs a step eagerly and shows every value to the plan's observer. */
  public float[] observedStep(StepInput input) {
    write(input, false);
    tasks.before().forEach(task -> task.run(shape, stream));
    for (int i = 0; i < tasks.steps().size(); i++) {
      tasks.steps().get(i).run(shape, stream);
      Node node = plan.program().nodes().get(i);
      if (node.output().isPresent()) {
        Value value = node.output().get();
        int count = shape.rows(value.rows());
        plan.options().observer().onValue(node, count, rows.read(value, count));
      }
    }
    return logits(input.outputCount());
  }

  /** Waits for what is queued: its memory goes next. */
  @Override
  public void close() {
    try {
      if (stream != 0) {
        driver.synchronize(stream);
      }
    } catch (GpuException _) {
      // The step has failed with it, or there was none that anybody waits for.
    } finally {
      memory.close();
    }
  }
}
