package org.slmruntime.cpu.gemm;

import org.slmruntime.cpu.parallel.Region;
import org.slmruntime.cpu.parallel.Team;

/** Transposes float32 matrices, in squares that fit the first-level cache. One caller at a time. */
public final class Transposition implements Region {
  private static final int SQUARE = 32;

  private final Team team;
  private Matrix x;
  private float[] y;

  public Transposition(Team team) {
    this.team = team;
  }

  /**
   * Transposes.
   *
   * @param y another array, of which the first elements become [x.columns][x.rows]
   * @return them
   */
  public Matrix transpose(Matrix x, float[] y) {
    this.x = x;
    this.y = y;
    team.run(this);
    return Matrix.of(y, x.columns(), x.rows());
  }

  @Override
  public int chunks() {
    return Math.ceilDiv(x.columns(), SQUARE);
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk * SQUARE;
    int last = Math.min(x.columns(), first + SQUARE);
    for (int row = 0; row < x.rows(); row += SQUARE) {
      square(row, Math.min(x.rows(), row + SQUARE), first, last);
    }
  }

  private void square(int firstRow, int lastRow, int firstColumn, int lastColumn) {
    for (int c = firstColumn; c < lastColumn; c++) {
      for (int r = firstRow; r < lastRow; r++) {
        y[c * x.rows() + r] = x.data()[x.at() + r * x.stride() + c];
      }
    }
  }
}
