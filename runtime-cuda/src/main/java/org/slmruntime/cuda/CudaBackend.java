package org.slmruntime.cuda;

import java.util.Optional;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuInfo;
import org.slmruntime.cuda.kernel.GpuKernels;
import org.slmruntime.cuda.run.Blueprint;
import org.slmruntime.cuda.run.LibraryUse;
import org.slmruntime.cuda.run.Stepper;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Weight;
import org.slmruntime.kernels.MatrixLayout;
import org.slmruntime.natives.CudaHost;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/**
 * Compiles graphs for an NVIDIA GPU. Thread-safe; steps of its plans run one after the other.
 *
 * <p><b>Numerics.</b> Activations are float32, and sums are kept in float32 in an order that
 * depends on shapes alone, so that equal steps give equal bits. Two inputs of matrix products are
 * rounded:
 *
 * <ul>
 *   <li>what multiplies a quantized matrix, to 16 bits per group of 32 columns. This changes a
 *       result by about 2e-5 of its size; llama.cpp's 8 bits change it by 5e-3.
 *   <li>where cuBLAS was found, what a step of many tokens (64 by default) multiplies with a matrix
 *       that is not float32, to bfloat16, and the decoded matrix too: about 3e-3. Only prompts have
 *       such steps. {@link CudaSettings#withoutLibrary()} turns it off.
 * </ul>
 *
 * <p>A token's result does not depend on what else is in the step as long as the step has at most 4
 * tokens, or 8 if its matrices are small for the device, and its longest context stays in the same
 * class (64, 512, 4096 tokens or more). Larger steps use other kernels, whose sums are in another
 * order.
 */
public final class CudaBackend implements Backend {
  /** Most elements of a key or value head that kernels have room for. */
  private static final int MAX_HEAD = 512;

  private final GpuDriver driver;
  private final CudaSettings settings;
  private final GpuKernels kernels;
  private final LibraryUse library;
  private final Object lock = new Object();
  private boolean closed;

  /** Takes the driver over: it is closed with the backend. */
  public CudaBackend(GpuDriver driver) {
    this(driver, CudaSettings.defaults());
  }

  /** The same, other than by default. */
  public CudaBackend(GpuDriver driver, CudaSettings settings) {
    this.driver = driver;
    this.settings = settings;
    this.kernels = new GpuKernels(driver);
    this.library =
        driver.gemm().library().isPresent()
            ? new LibraryUse(settings.libraryTokens())
            : LibraryUse.never();
  }

  @Override
  public String id() {
    return "cuda";
  }

  @Override
  public String description() {
    GpuInfo info = driver.info();
    String products =
        driver.gemm().library().isPresent() ? "cuBLAS" : "no cuBLAS: " + driver.gemm().missing();
    return "cuda ("
        + info.name()
        + ", compute capability "
        + info.computeCapability() / 10
        + "."
        + info.computeCapability() % 10
        + ", driver for CUDA "
        + CudaHost.version(info.driverVersion())
        + ", "
        + products
        + ")";
  }

  @Override
  public Optional<String> unsupported(Graph graph, Weights weights) {
    for (Node node : graph.nodes()) {
      Optional<Weight> matrix = matrix(node.op());
      for (Weight weight : node.op().weights()) {
        DType type = weights.get(weight).type();
        boolean known =
            matrix.equals(Optional.of(weight))
                ? MatrixLayout.supports(type)
                : QuantFormats.of(type).isPresent();
        if (!known) {
          return Optional.of(
              "tensor " + weight.name() + " has type " + type + ", which has no kernel");
        }
      }
    }
    return graph.kvLayers().stream()
        .filter(layer -> Math.max(layer.keySize(), layer.valueSize()) > MAX_HEAD)
        .findFirst()
        .map(CudaBackend::tooLarge);
  }

  private static String tooLarge(KvLayer layer) {
    return "a head has "
        + Math.max(layer.keySize(), layer.valueSize())
        + " elements, and kernels have room for "
        + MAX_HEAD;
  }

  private static Optional<Weight> matrix(Op op) {
    return switch (op) {
      case Op.Embed embed -> Optional.of(embed.table());
      case Op.Linear linear -> Optional.of(linear.weight());
      default -> Optional.empty();
    };
  }

  @Override
  public MemoryUse estimate(Graph graph, Weights weights, PlanOptions options) {
    return Blueprint.of(graph, weights, options, library).memory();
  }

  @Override
  public Plan compile(Graph graph, Weights weights, PlanOptions options) {
    unsupported(graph, weights)
        .ifPresent(
            reason -> {
              throw new BackendException("backend cuda cannot run " + graph.name() + ": " + reason);
            });
    Blueprint.requireSteps(graph, options);
    Blueprint blueprint = Blueprint.of(graph, weights, options, library);
    MemoryUse memory = blueprint.memory();
    synchronized (lock) {
      if (closed) {
        throw new BackendException("the backend is closed");
      }
      driver.makeCurrent();
      requireMemory(memory);
      Stepper stepper = new Stepper(driver, kernels, blueprint, weights, settings.recorded());
      return new CudaPlan(driver, lock, graph, options, memory, stepper);
    }
  }

  private void requireMemory(MemoryUse memory) {
    long free = Math.max(0, driver.freeMemory() - settings.headroomBytes());
    if (memory.allocated() > free) {
      throw new BackendException(
          "backend cuda needs "
              + memory.allocated()
              + " bytes of device memory and "
              + free
              + " are free: "
              + (memory.allocated() - free)
              + " are missing; shorten the context or use a smaller kv type");
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (!closed) {
        closed = true;
        driver.makeCurrent();
        try {
          kernels.close();
        } finally {
          driver.close();
        }
      }
    }
  }
}
