package org.slmruntime.cpu.attention;

import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.Step;
import org.slmruntime.cpu.parallel.Region;
import org.slmruntime.cpu.parallel.Team;

/**
 * Attention of all tokens. The unit of work is a tile, a few consecutive tokens of one sequence,
 * times one key/value head with all query heads that share it.
 */
public final class AttentionStep implements Step, Region {
  private final AttentionKernel kernel;
  private final AttentionShape shape;
  private final AttentionScratch[] scratch;
  private final Team team;
  private final int[] tiles;
  private int tileCount;
  private StepInput input;

  /**
   * @param scratch one per thread
   */
  public AttentionStep(
      AttentionKernel kernel,
      AttentionShape shape,
      AttentionScratch[] scratch,
      Team team,
      PlanOptions options) {
    this.kernel = kernel;
    this.shape = shape;
    this.scratch = scratch;
    this.team = team;
    this.tiles = new int[options.maxTokens() + 1];
  }

  @Override
  public void run(StepInput step) {
    input = step;
    cutTiles();
    team.run(this);
    input = null;
  }

  /** A tile ends where it is full or where the next sequence begins. */
  private void cutTiles() {
    tileCount = 0;
    int first = 0;
    for (int t = 0; t < input.tokenCount(); t++) {
      boolean full = t - first == shape.tileTokens();
      if (full || input.sequence(t) != input.sequence(first)) {
        tiles[tileCount++] = first;
        first = t;
      }
    }
    tiles[tileCount++] = first;
    tiles[tileCount] = input.tokenCount();
  }

  @Override
  public int chunks() {
    return tileCount * shape.kvHeads();
  }

  /** The last tiles see the longest past, so they go first. */
  @Override
  public void run(int chunk, int worker) {
    int tile = tileCount - 1 - chunk / shape.kvHeads();
    int kvHead = chunk % shape.kvHeads();
    kernel.attend(input, tiles[tile], tiles[tile + 1], kvHead, scratch[worker]);
  }
}
