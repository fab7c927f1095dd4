package org.slmruntime.cuda.plan;

import org.slmruntime.graph.Rows;

/**
 * A place for results.
 *
 * @param stride floats from one row to the next, a multiple of 4 but for the output
 * @param first index of the step that writes it first
 * @param last index of the last step that uses it; one past the last step for the graph's output
 */
public record Buffer(Rows rows, int stride, int first, int last) {
  Buffer usedAt(int step) {
    return new Buffer(rows, stride, Math.min(first, step), Math.max(last, step));
  }
}
