package org.slmruntime.cpu.attention;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.cpu.vector.RowDecoder;
import org.slmruntime.cpu.vector.RowDecoders;
import org.slmruntime.cpu.vector.RowScratch;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.quant.QuantEncoder;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/**
 * Keys and values of one layer outside the Java heap. Each cache block has its keys, then its
 * values, as [heads][tokens of the block][elements], so that what one head needs is contiguous.
 * Rows are padded to whole blocks of the element type.
 */
public final class KvCache {
  private final KvLayer layer;
  private final int blockTokens;
  private final int keyStride;
  private final int valueStride;
  private final long keyRowBytes;
  private final long valueRowBytes;
  private final long blockBytes;
  private final MemorySegment data;
  private final QuantEncoder encoder;
  private final RowDecoder decoder;

  public KvCache(KvLayer layer, PlanOptions options, Arena arena) {
    DType type = options.kvType();
    this.layer = layer;
    this.blockTokens = options.kvBlockTokens();
    this.keyStride = stride(layer.keySize(), type);
    this.valueStride = stride(layer.valueSize(), type);
    this.keyRowBytes = type.byteSize(keyStride);
    this.valueRowBytes = type.byteSize(valueStride);
    this.blockBytes = blockTokens * layer.heads() * (keyRowBytes + valueRowBytes);
    this.data = arena.allocate(byteSize(layer, options), 64);
    this.encoder = QuantFormats.encoder(type).orElseThrow();
    this.decoder = RowDecoders.of(type);
  }

  /** Bytes of a layer's cache. */
  public static long byteSize(KvLayer layer, PlanOptions options) {
    long slots = Math.multiplyExact((long) options.kvBlocks(), options.kvBlockTokens());
    return Math.multiplyExact(slots, options.kvBytesPerToken(layer));
  }

  /** Elements from one token's key or value to the next, for a head of {@code size} elements. */
  static int stride(int size, DType type) {
    int block = type.blockElements();
    return Math.ceilDiv(size, block) * block;
  }

  KvLayer layer() {
    return layer;
  }

  /**
   * Stores the key and value of one head of one token.
   *
   * @param padded scratch of at least one stride, zero past the head's size
   */
  void store(
      int block, int slot, int head, float[] key, int k, float[] value, int v, float[] padded) {
    long keyAt = keyOffset(block, head) + slot * keyRowBytes;
    put(key, k, layer.keySize(), keyStride, keyAt, padded);
    long valueAt = valueOffset(block, head) + slot * valueRowBytes;
    put(value, v, layer.valueSize(), valueStride, valueAt, padded);
  }

  private void put(float[] from, int at, int size, int stride, long offset, float[] padded) {
    if (size == stride) {
      encoder.encode(from, at, size, data, offset);
      return;
    }
    System.arraycopy(from, at, padded, 0, size);
    Arrays.fill(padded, size, stride, 0);
    encoder.encode(padded, 0, stride, data, offset);
  }

  /** Decodes the first {@code tokens} keys of a head in a block. */
  void decodeKeys(int block, int head, int tokens, float[] target, RowScratch scratch) {
    decoder.decode(data, keyOffset(block, head), target, 0, tokens * keyStride, scratch);
  }

  /** Decodes the first {@code tokens} values of a head in a block. */
  void decodeValues(int block, int head, int tokens, float[] target, RowScratch scratch) {
    decoder.decode(data, valueOffset(block, head), target, 0, tokens * valueStride, scratch);
  }

  private long keyOffset(int block, int head) {
    return block * blockBytes + head * blockTokens * keyRowBytes;
  }

  private long valueOffset(int block, int head) {
    return block * blockBytes
        + layer.heads() * blockTokens * keyRowBytes
        + head * blockTokens * valueRowBytes;
  }
}
