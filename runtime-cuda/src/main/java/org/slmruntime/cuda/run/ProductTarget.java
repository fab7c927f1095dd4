package org.slmruntime.cuda.run;

import org.slmruntime.cuda.plan.Step;
import org.slmruntime.cuda.weights.DeviceMatrix;
import org.slmruntime.cuda.weights.DeviceWeights;
import org.slmruntime.graph.Value;

/**
 * Operands of a product on the device.
 *
 * @param bias address, or 0
 * @param residual address, or 0
 * @param activation as kernels number them; -1 for none
 * @param y address of the result
 */
record ProductTarget(
    DeviceMatrix matrix,
    long bias,
    long residual,
    int residualStride,
    int activation,
    long y,
    int yStride) {
  static ProductTarget of(Step.Product product, Addresses addresses, DeviceWeights weights) {
    Value first = product.outputs().getFirst();
    return new ProductTarget(
        weights.matrix(product.matrix()),
        product.bias().map(weights::vector).orElse(0L),
        product.residual().map(addresses::of).orElse(0L),
        product.residual().map(addresses::stride).orElse(0),
        product.activation().map(Enum::ordinal).orElse(-1),
        addresses.of(first),
        addresses.stride(first));
  }

  int rows() {
    return matrix.rows();
  }

  int columns() {
    return matrix.columns();
  }

  boolean isGated() {
    return activation >= 0;
  }
}
