package org.slmruntime.cuda.run;

import org.slmruntime.cuda.driver.GpuDriver.GemmLibrary;
import org.slmruntime.cuda.plan.Step;
import org.slmruntime.cuda.weights.DeviceMatrix;
import org.slmruntime.cuda.weights.DeviceWeights;
import org.slmruntime.tensor.DType;

/**
 * A product of many tokens by cuBLAS. Weights are decoded to bfloat16 slice by slice, so that each
 * slice is still in the cache when it is multiplied; what cuBLAS does not do follows.
 */
final class LibraryProduct implements ManyTokens {
  private final GemmLibrary library;
  private final DeviceMatrix matrix;
  private final PreparedInput input;
  private final Gating gating;
  private final Site decode;
  private final Site bias;
  private final Site residual;
  private final long slice;
  private final int sliceRows;

  LibraryProduct(
      GemmLibrary library,
      Step.Product product,
      ProductTarget target,
      PreparedInput.Holder holder,
      Sites sites,
      Addresses addresses,
      DeviceWeights weights) {
    this.library = library;
    this.matrix = target.matrix();
    PreparedForm form = LibraryUse.form(matrix.type());
    this.input = new PreparedInput(product, form, holder, sites, addresses, weights);
    this.gating = new Gating(target, addresses.scratch(), sites);
    Blueprint plan = addresses.plan();
    ProductMemory memory =
        ProductMemory.of(product, matrix.type(), plan.capacity(), plan.library());
    this.slice = addresses.scratch() + memory.interleaved();
    boolean inPlace = LibraryUse.readsInPlace(matrix.type(), matrix.columns());
    this.sliceRows =
        inPlace ? matrix.rows() : LibraryUse.sliceRows(matrix.rows(), matrix.columns());
    this.decode = inPlace ? null : decoder(sites);
    this.bias = target.bias() == 0 ? null : sum(target.bias(), 0, sites);
    this.residual =
        target.residual() == 0 ? null : sum(target.residual(), target.residualStride(), sites);
  }

  private Site decoder(Sites sites) {
    Site site = sites.of("dequantize_" + matrix.suffix(), 128);
    matrix.set(site.arguments(), "weights");
    site.arguments().set("out", slice).set("columns", matrix.columns());
    return site;
  }

  /** Adds to the result; a stride of 0 adds the same to every row. */
  private Site sum(long right, int rightStride, Sites sites) {
    Site site = sites.of("add", 256);
    site.arguments()
        .set("left", gating.y())
        .set("left_stride", gating.yStride())
        .set("right", right)
        .set("right_stride", rightStride)
        .set("y", gating.y())
        .set("y_stride", gating.yStride())
        .set("width", matrix.rows());
    return site;
  }

  @Override
  public void run(int tokens, long stream) {
    input.prepare(tokens, stream);
    for (int first = 0; first < matrix.rows(); first += sliceRows) {
      multiply(first, Math.min(sliceRows, matrix.rows() - first), tokens, stream);
    }
    add(bias, tokens, stream);
    add(residual, tokens, stream);
    gating.finish(tokens, stream);
  }

  private void multiply(int first, int rows, int tokens, long stream) {
    long y = gating.y() + (long) first * Float.BYTES;
    long weights = matrix.planes()[0];
    int columns = matrix.columns();
    if (matrix.type() == DType.F32) {
      int stride = matrix.pitches()[0] / Float.BYTES;
      library.multiplyF32(
          weights, stride, input.first(), y, gating.yStride(), rows, columns, tokens, stream);
      return;
    }
    if (decode != null) {
      decode.arguments().set("first", first);
      decode.launch(stream, rows, 1, 1);
      weights = slice;
    }
    library.multiplyBf16(
        weights, input.first(), y, gating.yStride(), rows, columns, tokens, stream);
  }

  private void add(Site site, int tokens, long stream) {
    if (site != null) {
      site.launch(stream, Math.ceilDiv(matrix.rows(), 256), tokens, 1);
    }
  }
}
