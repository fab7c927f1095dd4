package org.slmruntime.cpu.attention;

import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.Step;
import org.slmruntime.cpu.parallel.Region;
import org.slmruntime.cpu.parallel.Team;

/** Attention of all tokens, in the units of work that {@link WorkList} draws up. */
public final class AttentionStep implements Step, Region {
  private final AttentionKernel kernel;
  private final AttentionShape shape;
  private final AttentionScratch[] scratch;
  private final Partials partials;
  private final WorkList work;
  private final Team team;
  private StepInput input;

  /**
   * @param scratch one per thread
   * @param partials shared by all layers of the shape
   * @param work shared by all layers of the shape
   */
  public AttentionStep(
      AttentionKernel kernel,
      AttentionShape shape,
      AttentionScratch[] scratch,
      Partials partials,
      WorkList work,
      Team team) {
    this.kernel = kernel;
    this.shape = shape;
    this.scratch = scratch;
    this.partials = partials;
    this.work = work;
    this.team = team;
  }

  @Override
  public void run(StepInput step) {
    input = step;
    work.fill(step, kernel, partials);
    team.run(this);
    input = null;
  }

  @Override
  public int chunks() {
    return work.items() * shape.kvHeads();
  }

  @Override
  public void run(int chunk, int worker) {
    int item = chunk / shape.kvHeads();
    int kvHead = chunk % shape.kvHeads();
    int tile = work.tile(item);
    int first = work.firstToken(tile);
    int last = work.firstToken(tile + 1);
    AttentionScratch s = scratch[worker];
    if (!work.isCut(tile)) {
      kernel.attend(input, first, last, kvHead, s);
      return;
    }
    int piece = work.piece(item);
    kernel.attendPiece(input, first, last, piece, kvHead, s);
    int queries = (last - first) * shape.group();
    int rows = queries * shape.kvHeads();
    int row = work.firstRow(tile) + kvHead * queries;
    int pieceRow = row + (piece - work.firstPiece(tile)) * rows;
    partials.put(s, pieceRow, queries, shape.layout().valueElements());
    // Whoever brings the last piece merges them all, so nobody has to wait.
    if (partials.missing.decrementAndGet(work.counter(tile) + kvHead) == 0) {
      kernel.finish(first, last, kvHead, partials, row, rows, work.pieces(tile), s);
    }
  }
}
