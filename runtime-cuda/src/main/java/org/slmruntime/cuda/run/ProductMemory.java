package org.slmruntime.cuda.run;

import org.slmruntime.cuda.plan.Step;
import org.slmruntime.tensor.DType;

/**
 * What a product of many tokens needs beside its operands, in bytes.
 *
 * @param prepared for its input
 * @param interleaved for gate and up results, one of each in turn; 0 if it has none
 * @param slice for decoded weights
 */
record ProductMemory(long prepared, long interleaved, long slice) {
  static ProductMemory of(Step.Product product, DType type, Capacity capacity, LibraryUse library) {
    int tokens = capacity.rows(product.input().rows());
    // What is a large matrix depends on the device, which nobody has opened yet.
    if (tokens <= ProductTask.FEW_OF_LARGE) {
      return new ProductMemory(0, 0, 0);
    }
    int rows = product.matrix().rows();
    int columns = product.matrix().columns();
    long prepared = PreparedForm.of(type).layout(tokens, columns).bytes();
    long slice = 0;
    if (library.applies(tokens)) {
      prepared = Math.max(prepared, LibraryUse.form(type).layout(tokens, columns).bytes());
      slice = LibraryUse.sliceBytes(type, rows, columns);
    }
    long row = product.activation().isPresent() ? (long) rows * Float.BYTES : 0;
    return new ProductMemory(prepared, Offsets.align(Math.multiplyExact(tokens, row)), slice);
  }

  long scratch() {
    return Math.addExact(interleaved, slice);
  }
}
