package org.slmruntime.cuda.run;

import java.util.List;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.kernels.CacheLayout;

/**
 * Where the cache's layers lie in its allocation, as the kernels' README describes.
 *
 * @param keys offset of each layer's keys in bytes
 * @param values offset of each layer's values
 * @param bytes of the whole
 */
record KvLayout(long[] keys, long[] values, long bytes) {
  private static final long REGION_ALIGNMENT = 256;

  static KvLayout of(List<KvLayer> layers, PlanOptions options) {
    long[] keys = new long[layers.size()];
    long[] values = new long[layers.size()];
    long end = 0;
    for (int i = 0; i < keys.length; i++) {
      KvLayer layer = layers.get(i);
      keys[i] = end;
      values[i] = Math.addExact(keys[i], region(layer, layer.keySize(), options));
      end = Math.addExact(values[i], region(layer, layer.valueSize(), options));
    }
    return new KvLayout(keys, values, end);
  }

  private static long region(KvLayer layer, int size, PlanOptions options) {
    long chunks = Math.multiplyExact((long) options.kvBlocks(), layer.heads());
    long chunk = CacheLayout.chunkBytes(options.kvType(), size, options.kvBlockTokens());
    return align(Math.multiplyExact(chunks, chunk));
  }

  private static long align(long bytes) {
    return Math.ceilDiv(bytes, REGION_ALIGNMENT) * REGION_ALIGNMENT;
  }
}
