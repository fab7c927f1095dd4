package org.slmruntime.cpu.attention;

import static org.slmruntime.cpu.vector.Lanes.COUNT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.natives.LargeMemory;

/**
 * Keys and values of one layer outside the Java heap, as [heads][blocks] keys, then [heads][blocks]
 * values: what one head needs of neighbouring blocks is contiguous. Within a block as {@link
 * KvLayout} says. Threads may store different positions at the same time. Infinities and NaNs are
 * kept as F32 only: F16 saturates, and Q8_0 has zeros for their group of 32.
 */
public final class KvCache {
  private final KvLayer layer;
  private final KvLayout layout;
  private final KvElements elements;
  private final MemorySegment data;
  private final int blocks;

  public KvCache(KvLayer layer, PlanOptions options, Arena arena) {
    this.layer = layer;
    this.layout = KvLayout.of(layer, options);
    this.elements = KvElements.of(options.kvType());
    this.blocks = options.kvBlocks();
    this.data = LargeMemory.allocateAsUsed(arena, byteSize(layer, options));
  }

  /** Bytes of a layer's cache. */
  public static long byteSize(KvLayer layer, PlanOptions options) {
    KvLayout layout = KvLayout.of(layer, options);
    long perBlock = Math.multiplyExact(layout.keyBytes() + layout.valueBytes(), layer.heads());
    return Math.multiplyExact(options.kvBlocks(), perBlock);
  }

  KvLayer layer() {
    return layer;
  }

  KvLayout layout() {
    return layout;
  }

  KvElements elements() {
    return elements;
  }

  MemorySegment data() {
    return data;
  }

  /** Where a head's keys in a block begin. */
  long keysAt(int block, int head) {
    return ((long) head * blocks + block) * layout.keyBytes();
  }

  /** Where a head's values in a block begin. */
  long valuesAt(int block, int head) {
    long keys = (long) layer.heads() * blocks * layout.keyBytes();
    return keys + ((long) head * blocks + block) * layout.valueBytes();
  }

  /** Stores one head's key of one position: {@code key[at ..]}. */
  void storeKey(int block, int slot, int head, float[] key, int at) {
    long group = keysAt(block, head) + (long) (slot / COUNT) * layout.keyGroupBytes();
    int lane = slot % COUNT;
    elements.put(
        key,
        at,
        layer.keySize(),
        data,
        group + lane * Integer.BYTES,
        layout.perWord(),
        layout.keyRowBytes(),
        group + layout.keyScalesAt() + lane * Short.BYTES,
        COUNT * Short.BYTES);
  }

  /** Stores one head's value of one position: {@code value[at ..]}. */
  void storeValue(int block, int slot, int head, float[] value, int at) {
    long start = valuesAt(block, head);
    int perWord = layout.perWord();
    int byteInWord = (perWord - 1 - slot % perWord) * (Integer.BYTES / perWord);
    elements.put(
        value,
        at,
        layer.valueSize(),
        data,
        start + (long) (slot / perWord) * layout.valueRowBytes() + byteInWord,
        1,
        Integer.BYTES,
        start + layout.valueScalesAt() + slot * Short.BYTES,
        layout.positions() * Short.BYTES);
  }
}
