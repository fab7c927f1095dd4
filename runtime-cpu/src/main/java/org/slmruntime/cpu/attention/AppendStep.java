package org.slmruntime.cpu.attention;

import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.Step;
import org.slmruntime.cpu.parallel.Region;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.graph.KvLayer;

/** Writes each token's keys and values into its slot of the cache. */
public final class AppendStep implements Step, Region {
  private static final int TOKENS_PER_CHUNK = 8;

  private final KvCache cache;
  private final float[] key;
  private final float[] value;
  private final Team team;
  private final int blockTokens;
  private StepInput input;

  public AppendStep(KvCache cache, float[] key, float[] value, Team team, PlanOptions options) {
    this.cache = cache;
    this.key = key;
    this.value = value;
    this.team = team;
    this.blockTokens = options.kvBlockTokens();
  }

  @Override
  public void run(StepInput step) {
    input = step;
    team.run(this);
    input = null;
  }

  @Override
  public int chunks() {
    return Math.ceilDiv(input.tokenCount(), TOKENS_PER_CHUNK);
  }

  @Override
  public void run(int chunk, int worker) {
    KvLayer layer = cache.layer();
    int first = chunk * TOKENS_PER_CHUNK;
    int last = Math.min(input.tokenCount(), first + TOKENS_PER_CHUNK);
    for (int t = first; t < last; t++) {
      int position = input.position(t);
      int block = input.block(input.sequence(t), position, blockTokens);
      int slot = position % blockTokens;
      for (int head = 0; head < layer.heads(); head++) {
        int row = t * layer.heads() + head;
        cache.storeKey(block, slot, head, key, row * layer.keySize());
        cache.storeValue(block, slot, head, value, row * layer.valueSize());
      }
    }
  }
}
