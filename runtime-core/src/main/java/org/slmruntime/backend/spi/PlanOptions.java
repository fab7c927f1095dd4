package org.slmruntime.backend.spi;

import org.slmruntime.graph.Graph;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.tensor.DType;

/**
 * The limits a plan is compiled for.
 *
 * @param maxTokens most tokens in a step (T)
 * @param maxSequences most sequences in a step (S)
 * @param maxOutputs most output rows of a step (R)
 * @param kvBlocks blocks in the cache, shared by all sequences
 * @param kvBlockTokens tokens per block
 * @param kvType element type of the cache: F32, F16 or Q8_0
 * @param observer sees every activation, for debugging and parity; {@link ValueObserver#NONE} lets
 *     the backend fuse
 * @param progress told how far laying out the weights has come
 */
public record PlanOptions(
    int maxTokens,
    int maxSequences,
    int maxOutputs,
    int kvBlocks,
    int kvBlockTokens,
    DType kvType,
    ValueObserver observer,
    ProgressListener progress) {
  public PlanOptions {
    positive("maxTokens", maxTokens);
    positive("maxSequences", maxSequences);
    positive("maxOutputs", maxOutputs);
    positive("kvBlocks", kvBlocks);
    positive("kvBlockTokens", kvBlockTokens);
    if (kvType != DType.F32 && kvType != DType.F16 && kvType != DType.Q8_0) {
      throw new BackendException("kv type must be F32, F16 or Q8_0 but is " + kvType);
    }
  }

  /** Bytes of one layer's keys and values for one token. */
  public long kvBytesPerToken(KvLayer layer) {
    return kvRowBytes(layer.keySize(), layer.heads())
        + kvRowBytes(layer.valueSize(), layer.heads());
  }

  /** Bytes of the whole cache of a graph. */
  public long kvBytes(Graph graph) {
    long perToken = graph.kvLayers().stream().mapToLong(this::kvBytesPerToken).sum();
    return Math.multiplyExact(Math.multiplyExact((long) kvBlocks, kvBlockTokens), perToken);
  }

  /** A head is padded to whole Q8_0 blocks. */
  private long kvRowBytes(int headSize, int heads) {
    int block = kvType.blockElements();
    return kvType.byteSize(Math.ceilDiv(headSize, block) * (long) block) * heads;
  }

  private static void positive(String name, int value) {
    if (value <= 0) {
      throw new BackendException(name + " must be positive but is " + value);
    }
  }
}
