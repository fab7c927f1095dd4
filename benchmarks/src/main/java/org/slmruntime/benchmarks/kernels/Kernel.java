package org.slmruntime.benchmarks.kernels;

import java.util.Arrays;
import java.util.Optional;
import org.slmruntime.backend.Backends;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.Value;
import org.slmruntime.tensor.DType;

/**
 * A small graph that the cpu backend has compiled, and the step that runs it. Used by one thread.
 */
final class Kernel implements AutoCloseable {
  /** Tokens per cache block. */
  static final int BLOCK_TOKENS = 32;

  /** Rows of the tables that activations are looked up in. */
  static final int TOKENS = 64;

  /** System property: threads of the backend; 0 lets it choose. */
  static final String THREADS = "slm.benchmarks.threads";

  private final Backend backend;
  private final Plan plan;
  private final StepInput input = new StepInput();

  /** The parts that a benchmark makes its graph of. */
  record Parts(GraphBuilder graph, RandomTensors weights) {
    /** Activations of unit variance. */
    Value input(String name, int width) {
      return graph.embed(name, weights.table(name, TOKENS, width));
    }
  }

  /** Adds to a graph what is measured and returns its last value. */
  @FunctionalInterface
  interface Recipe {
    Value build(Parts parts);
  }

  private Kernel(Recipe recipe, PlanOptions options) {
    this.backend = open();
    try {
      Parts parts = new Parts(new GraphBuilder("benchmark"), new RandomTensors());
      Value output = recipe.build(parts);
      Graph graph = parts.graph.build(parts.graph.gatherRows("rows", output));
      this.plan = backend.compile(graph, parts.weights, options);
    } catch (RuntimeException | Error e) {
      backend.close();
      throw e;
    }
  }

  private static Backend open() {
    int threads = Integer.getInteger(THREADS, 0);
    BackendOptions options = new BackendOptions(threads, BackendOptions.ANY_DEVICE);
    return Backends.choose("cpu", options, _ -> Optional.empty()).backend();
  }

  /** Compiles a graph that needs no cache; its step has {@code tokens} tokens of one sequence. */
  static Kernel ofTokens(int tokens, Recipe recipe) {
    int blocks = Math.ceilDiv(tokens, BLOCK_TOKENS);
    Kernel kernel = new Kernel(recipe, options(tokens, 1, blocks, DType.F16));
    kernel.append(blocks(0, blocks), 0, tokens);
    return kernel;
  }

  /** Compiles a graph whose step has one token of each of {@code sequences} sequences. */
  static Kernel ofSequences(int sequences, Recipe recipe) {
    Kernel kernel = new Kernel(recipe, options(sequences, sequences, sequences, DType.F16));
    for (int s = 0; s < sequences; s++) {
      kernel.append(blocks(s, 1), 0, 1);
    }
    return kernel;
  }

  /** Compiles a graph whose step has one token at position {@code depth}, the cache being full. */
  static Kernel atDepth(int depth, DType kvType, Recipe recipe) {
    int blocks = depth / BLOCK_TOKENS + 1;
    Kernel kernel = new Kernel(recipe, options(BLOCK_TOKENS, 1, blocks, kvType));
    // Each block is filled as a sequence of its own, for which attention has little to do.
    for (int b = 0; b < blocks; b++) {
      kernel.input.clear();
      kernel.append(blocks(b, 1), 0, BLOCK_TOKENS);
      kernel.run();
    }
    kernel.input.clear();
    kernel.append(blocks(0, blocks), depth, 1);
    return kernel;
  }

  private static PlanOptions options(int tokens, int sequences, int blocks, DType kvType) {
    return new PlanOptions(
        tokens,
        sequences,
        sequences,
        blocks,
        BLOCK_TOKENS,
        kvType,
        ValueObserver.NONE,
        ProgressListener.NONE);
  }

  private static int[] blocks(int first, int count) {
    int[] blocks = new int[count];
    Arrays.setAll(blocks, i -> first + i);
    return blocks;
  }

  /** Adds a sequence's tokens to the step; the last one's row is wanted. */
  private void append(int[] blocks, int position, int tokens) {
    input.beginSequence(blocks, blocks.length);
    for (int i = 0; i < tokens; i++) {
      input.addToken((31 * i + position) % TOKENS, position + i, i == tokens - 1);
    }
  }

  /** Runs the step. */
  float[] run() {
    return plan.step(input);
  }

  @Override
  public void close() {
    plan.close();
    backend.close();
  }
}
