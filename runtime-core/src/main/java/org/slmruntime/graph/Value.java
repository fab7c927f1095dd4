package org.slmruntime.graph;

/**
 * An activation: a float32 matrix of {@code rows} x {@code width}, row-major.
 *
 * @param id dense index within its graph
 */
public record Value(int id, Rows rows, int width) {
  @Override
  public String toString() {
    return "%" + id;
  }
}
