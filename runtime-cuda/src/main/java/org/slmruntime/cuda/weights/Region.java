package org.slmruntime.cuda.weights;

import java.util.List;
import org.slmruntime.cuda.plan.Stack;
import org.slmruntime.graph.Weight;
import org.slmruntime.kernels.MatrixLayout;
import org.slmruntime.tensor.DType;

/**
 * A matrix to be laid out in device memory.
 *
 * @param stack which stored rows it holds, in which order
 */
record Region(DType type, Stack stack) {
  MatrixLayout layout() {
    return new MatrixLayout(type, stack.rows(), stack.columns());
  }

  long bytes() {
    return layout().bytes();
  }

  /** The stored matrix that a row comes from. */
  int part(int row) {
    List<Weight> parts = stack.parts();
    if (stack.interleaved()) {
      return row % parts.size();
    }
    int part = 0;
    int end = parts.getFirst().rows();
    while (row >= end) {
      end += parts.get(++part).rows();
    }
    return part;
  }

  /** Which of that matrix's rows it is. */
  int partRow(int row) {
    if (stack.interleaved()) {
      return row / stack.parts().size();
    }
    int first = 0;
    for (Weight weight : stack.parts().subList(0, part(row))) {
      first += weight.rows();
    }
    return row - first;
  }
}
