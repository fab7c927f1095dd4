package org.slmruntime.cuda.run;

import java.util.Optional;
import org.slmruntime.cuda.driver.GpuDriver.GemmLibrary;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.cuda.plan.Step;
import org.slmruntime.cuda.weights.DeviceWeights;
import org.slmruntime.graph.Rows;

/** A product with its norm, bias, activation and residual, by the variant for the row count. */
final class ProductTask implements Task {
  /** Columns of the GEMV variants are powers of two. */
  private static final int VARIANTS = 4;

  private static final int WARP = 32;
  private static final int MOST_WARPS = 16;

  /** Fewer take long to round the activations, which each block does by itself. */
  private static final int LEAST_WARPS = 8;

  /** Weights per multiprocessor from which tensor cores pay for preparing five tokens' inputs. */
  private static final int LARGE = 1 << 16;

  /** Most tokens of a GEMV then. */
  static final int FEW_OF_LARGE = 4;

  private final Rows rows;
  private final int mostFew;
  private final Site[] few = new Site[VARIANTS];
  private final int[] fewBlocks = new int[VARIANTS];
  private final ManyTokens own;
  private final ManyTokens library;
  private final LibraryUse libraryUse;

  ProductTask(
      Step.Product product,
      Optional<GemmLibrary> gemm,
      PreparedInput.Holder holder,
      Sites sites,
      Addresses addresses,
      DeviceWeights weights) {
    Blueprint plan = addresses.plan();
    this.rows = product.input().rows();
    this.libraryUse = plan.library();
    ProductTarget target = ProductTarget.of(product, addresses, weights);
    int most = plan.capacity().rows(rows);
    this.mostFew = mostFew(product, sites.multiprocessors());
    for (int v = 0; v < VARIANTS && 1 << v <= Math.min(most, mostFew); v++) {
      // One token has a warp for each row if there are as many; more have one for two rows.
      boolean single = v == 0 && !target.isGated();
      int units = single ? target.rows() : Math.ceilDiv(target.rows(), 2);
      int warps = Math.clamp(Math.ceilDiv(units, sites.multiprocessors()), LEAST_WARPS, MOST_WARPS);
      fewBlocks[v] = Math.min(Math.ceilDiv(units, warps), sites.multiprocessors());
      few[v] = few(v, WARP * warps, product, target, sites, addresses, weights);
    }
    this.own =
        most <= mostFew ? null : new OwnProduct(product, target, holder, sites, addresses, weights);
    this.library =
        most <= mostFew || !libraryUse.applies(most)
            ? null
            : new LibraryProduct(
                gemm.orElseThrow(), product, target, holder, sites, addresses, weights);
  }

  /** Most tokens that a GEMV takes; with more, a large matrix is left to the tensor cores. */
  static int mostFew(Step.Product product, int multiprocessors) {
    long weights = (long) product.matrix().rows() * product.matrix().columns();
    return weights >= (long) LARGE * multiprocessors ? FEW_OF_LARGE : Capacity.FEW;
  }

  private static Site few(
      int variant,
      int threads,
      Step.Product product,
      ProductTarget target,
      Sites sites,
      Addresses addresses,
      DeviceWeights weights) {
    Site site = sites.of("gemv_" + target.matrix().suffix() + "_" + (1 << variant), threads);
    KernelArguments a = site.arguments();
    target.matrix().set(a, "weights");
    a.set("x", addresses.of(product.input())).set("x_stride", addresses.stride(product.input()));
    product
        .norm()
        .ifPresent(n -> a.set("norm", weights.vector(n.weight())).set("epsilon", n.epsilon()));
    a.set("bias", target.bias())
        .set("activation", target.activation())
        .set("residual", target.residual())
        .set("residual_stride", target.residualStride())
        .set("y", target.y())
        .set("y_stride", target.yStride())
        .set("rows", target.rows())
        .set("columns", target.columns());
    return site;
  }

  @Override
  public void run(StepShape shape, long stream) {
    int n = shape.rows(rows);
    if (n > mostFew) {
      boolean byLibrary = libraryUse.applies(n) && !shape.decode;
      (byLibrary ? library : own).run(n, stream);
    } else if (n > 0) {
      int variant = Integer.SIZE - Integer.numberOfLeadingZeros(n - 1);
      few[variant].arguments().set("tokens", n);
      few[variant].launch(stream, fewBlocks[variant], 1, 1);
    }
  }
}
