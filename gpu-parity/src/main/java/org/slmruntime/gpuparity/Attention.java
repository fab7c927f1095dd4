package org.slmruntime.gpuparity;

import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;

/**
 * Launches of attention token by token.
 *
 * @param tokens of the step
 * @param splits of the context
 */
record Attention(DeviceCache cache, int heads, int tokens, int splits) {
  private static final int GROUP = 8;

  Grid grid() {
    int groups = Math.ceilDiv(heads / cache.heads(), GROUP);
    return Grid.of(splits, cache.heads() * groups, tokens, 128);
  }

  Grid combineGrid() {
    return Grid.of(heads, tokens, 1, 128);
  }

  static Grid prefillGrid(int tiles, int heads) {
    return Grid.of(tiles, heads, 1, 128);
  }

  long partialBytes() {
    return 4L * tokens * heads * splits * (cache.valueSize() + 2);
  }

  KernelArguments into(KernelArguments arguments, long q, long partial) {
    return cache
        .into(arguments)
        .set("q", q)
        .set("q_stride", heads * cache.keySize())
        .set("partial", partial)
        .set("heads", heads)
        .set("key_size", cache.keySize())
        .set("value_size", cache.valueSize())
        .set("scale", (float) (1 / Math.sqrt(cache.keySize())));
  }

  KernelArguments combine(KernelArguments arguments, long partial, long y) {
    return arguments
        .set("partial", partial)
        .set("y", y)
        .set("y_stride", heads * cache.valueSize())
        .set("heads", heads)
        .set("value_size", cache.valueSize())
        .set("splits", splits);
  }
}
