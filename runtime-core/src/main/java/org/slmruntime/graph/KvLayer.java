package org.slmruntime.graph;

/**
 * One layer of the key/value cache.
 *
 * @param index dense index within the graph
 * @param heads key/value heads
 * @param keySize elements of one key head
 * @param valueSize elements of one value head
 */
public record KvLayer(int index, int heads, int keySize, int valueSize) {
  public int keyWidth() {
    return heads * keySize;
  }

  public int valueWidth() {
    return heads * valueSize;
  }
}
