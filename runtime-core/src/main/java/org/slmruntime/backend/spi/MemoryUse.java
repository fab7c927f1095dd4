package org.slmruntime.backend.spi;

/**
 * Memory of a plan in bytes.
 *
 * @param mappedWeights weights of which every step reads all in place from the model's file;
 *     embeddings, of which it reads a few rows, are left out
 * @param weights weights copied or laid out anew
 * @param kvCache the whole cache
 * @param workspace activations and scratch of the largest step
 */
public record MemoryUse(long mappedWeights, long weights, long kvCache, long workspace) {
  /** What the plan allocates: all but the mapped weights. */
  public long allocated() {
    return weights + kvCache + workspace;
  }

  public long total() {
    return mappedWeights + allocated();
  }
}
