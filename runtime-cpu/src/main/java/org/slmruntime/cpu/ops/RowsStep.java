package org.slmruntime.cpu.ops;

import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.Step;
import org.slmruntime.cpu.parallel.Region;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.graph.Rows;

/** Work that is done row by row, by all threads where there is enough of it. */
abstract class RowsStep implements Step, Region {
  /** Elements below which waking others costs more than it gains. */
  private static final int CHUNK_ELEMENTS = 1 << 14;

  private final Rows kind;
  private final Team team;
  private final int rowsPerChunk;
  private StepInput input;
  private int rows;

  /**
   * @param width elements of a row
   */
  RowsStep(Rows kind, int width, Team team) {
    this.kind = kind;
    this.team = team;
    this.rowsPerChunk = Math.max(1, CHUNK_ELEMENTS / width);
  }

  /** Handles rows {@code from .. to - 1}. */
  abstract void rows(StepInput input, int from, int to, int worker);

  @Override
  public final void run(StepInput step) {
    input = step;
    rows = kind == Rows.TOKENS ? step.tokenCount() : step.outputCount();
    team.run(this);
    input = null;
  }

  @Override
  public final int chunks() {
    return Math.ceilDiv(rows, rowsPerChunk);
  }

  @Override
  public final void run(int chunk, int worker) {
    int from = chunk * rowsPerChunk;
    rows(input, from, Math.min(rows, from + rowsPerChunk), worker);
  }
}
