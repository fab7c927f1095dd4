package org.slmruntime.cuda.run;

import java.util.List;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.cuda.plan.Step;
import org.slmruntime.cuda.weights.DeviceWeights;
import org.slmruntime.tensor.DType;

/**
 * A product of many tokens by our own kernels, in tiles. Where large tiles are too few to keep the
 * device busy, smaller ones give the same bits sooner.
 */
final class OwnProduct implements ManyTokens {
  private static final int PLAIN_ROWS = 64;
  private static final int LARGE_ROWS = 128;
  private static final int LARGE_TOKENS = 64;
  private static final int SMALL_ROWS = 32;
  private static final int SMALL_TOKENS = 16;

  /** Large tiles per SM that keep it busy. */
  private static final int BUSY = 2;

  private final PreparedInput input;
  private final Site large;
  private final Site small;
  private final Gating gating;
  private final int rows;
  private final int largeRows;
  private final int busyTiles;

  OwnProduct(
      Step.Product product,
      ProductTarget target,
      PreparedInput.Holder holder,
      Sites sites,
      Addresses addresses,
      DeviceWeights weights) {
    DType type = target.matrix().type();
    PreparedForm form = PreparedForm.of(type);
    boolean direct = form == PreparedForm.F32 && product.norm().isEmpty();
    this.input =
        direct ? null : new PreparedInput(product, form, holder, sites, addresses, weights);
    this.gating = new Gating(target, addresses.scratch(), sites);
    this.rows = target.rows();
    boolean plain = form == PreparedForm.F32;
    String kernel = "gemm_" + target.matrix().suffix();
    this.largeRows = plain ? PLAIN_ROWS : LARGE_ROWS;
    this.busyTiles = plain ? 0 : BUSY * sites.multiprocessors();
    this.large = sites.of(kernel, plain ? 128 : 256);
    this.small = plain ? null : sites.of(kernel + "_few", 256);
    for (Site site : small == null ? List.of(large) : List.of(large, small)) {
      inputs(site.arguments(), product, form, addresses);
      outputs(site.arguments(), target);
    }
  }

  private void inputs(
      KernelArguments a, Step.Product product, PreparedForm form, Addresses addresses) {
    switch (form) {
      case INT16 ->
          a.set("codes", input.first()).set("scales", input.second()).set("sums", input.third());
      case SPLIT_F16, SPLIT_BF16 -> a.set("parts", input.first()).set("scales", input.second());
      default ->
          a.set("x", input == null ? addresses.of(product.input()) : input.first())
              .set(
                  "x_stride",
                  input == null ? addresses.stride(product.input()) : product.matrix().columns());
    }
  }

  private void outputs(KernelArguments a, ProductTarget target) {
    target.matrix().set(a, "weights");
    a.set("bias", target.bias())
        .set("residual", target.residual())
        .set("residual_stride", target.residualStride())
        .set("y", gating.y())
        .set("y_stride", gating.yStride())
        .set("rows", target.rows())
        .set("columns", target.columns());
  }

  @Override
  public void run(int tokens, long stream) {
    if (input != null) {
      input.prepare(tokens, stream);
    }
    int gridX = Math.ceilDiv(rows, largeRows);
    int gridY = Math.ceilDiv(tokens, LARGE_TOKENS);
    if ((long) gridX * gridY < busyTiles) {
      small.arguments().set("tokens", tokens);
      small.launch(stream, Math.ceilDiv(rows, SMALL_ROWS), Math.ceilDiv(tokens, SMALL_TOKENS), 1);
    } else {
      large.arguments().set("tokens", tokens);
      large.launch(stream, gridX, gridY, 1);
    }
    gating.finish(tokens, stream);
  }
}
