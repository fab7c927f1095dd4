package org.slmruntime.cpu.gemm;

import java.util.Arrays;
import org.slmruntime.cpu.parallel.Region;
import org.slmruntime.cpu.parallel.Team;

/**
 * The product of two float32 matrices, {@code C += A B}, rows one after the other. {@code A} may be
 * read as its transposed; {@code B} would have to be transposed first: that costs one part in as
 * many as {@code C} has rows.
 *
 * <p>A piece of {@code B}, {@value #DEPTH} rows by two vectors, is laid out so that it stays in the
 * first-level cache while rows of {@code A} pass by; see {@link GemmTiles}. Sums run over {@code
 * A}'s columns in order, whoever computes them, so that results do not depend on the number of
 * threads.
 *
 * <p>For one caller at a time; allocates nothing.
 */
public final class Gemm implements Region {
  /** Columns of {@code A} that are multiplied at a time. */
  private static final int DEPTH = 256;

  /** Rows of {@code A} that share a piece of {@code B}. */
  private static final int ROWS = 512;

  private static final int PANEL = GemmTiles.PANEL;
  private static final int TILE = GemmTiles.ROWS;

  private final Team team;
  private final Scratch[] scratch;
  private Matrix a;
  private Matrix b;
  private Matrix c;

  /** From one row of the left matrix to the next, and from one of its columns to the next. */
  private int rowStep;

  private int columnStep;

  private static final class Scratch {
    final float[] panel = new float[DEPTH * PANEL];
    final float[] rows = new float[TILE * DEPTH];
    final float[] tile = new float[TILE * PANEL];
  }

  public Gemm(Team team) {
    this.team = team;
    this.scratch = new Scratch[team.size()];
    Arrays.setAll(scratch, _ -> new Scratch());
  }

  /**
   * Adds {@code A B} to {@code C}, which lies apart from both.
   *
   * @param a [m][k]
   * @param b [k][n]
   * @param c [m][n]
   */
  public void addProduct(Matrix a, Matrix b, Matrix c) {
    add(a, a.stride(), 1, b, c);
  }

  /**
   * Adds {@code A^T B} to {@code C}, which lies apart from both.
   *
   * @param a [k][m]
   * @param b [k][n]
   * @param c [m][n]
   */
  public void addTransposedProduct(Matrix a, Matrix b, Matrix c) {
    add(a, 1, a.stride(), b, c);
  }

  private void add(Matrix a, int rowStep, int columnStep, Matrix b, Matrix c) {
    this.a = a;
    this.rowStep = rowStep;
    this.columnStep = columnStep;
    this.b = b;
    this.c = c;
    team.run(this);
  }

  private int rowBlocks() {
    return Math.ceilDiv(c.rows(), ROWS);
  }

  @Override
  public int chunks() {
    return rowBlocks() * Math.ceilDiv(c.columns(), PANEL);
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk % rowBlocks() * ROWS;
    int last = Math.min(c.rows(), first + ROWS);
    int column = chunk / rowBlocks() * PANEL;
    for (int from = 0; from < b.rows(); from += DEPTH) {
      int depth = Math.min(DEPTH, b.rows() - from);
      pack(from, depth, column, scratch[worker].panel);
      for (int row = first; row < last; row += TILE) {
        tile(row, Math.min(TILE, last - row), from, depth, column, scratch[worker]);
      }
    }
  }

  /** Columns beyond the last are zeros. */
  private void pack(int from, int depth, int column, float[] panel) {
    int width = Math.min(PANEL, b.columns() - column);
    int at = b.at() + from * b.stride() + column;
    if (width == PANEL) {
      GemmTiles.pack(b.data(), at, b.stride(), depth, panel);
      return;
    }
    for (int i = 0; i < depth; i++) {
      System.arraycopy(b.data(), at + i * b.stride(), panel, i * PANEL, width);
      Arrays.fill(panel, i * PANEL + width, (i + 1) * PANEL, 0);
    }
  }

  private void tile(int row, int rows, int from, int depth, int column, Scratch s) {
    int left = a.at() + row * rowStep + from * columnStep;
    int to = c.at() + row * c.stride() + column;
    if (rows == TILE && c.columns() - column >= PANEL) {
      GemmTiles.multiply(
          a.data(), left, rowStep, columnStep, s.panel, depth, c.data(), to, c.stride());
    } else {
      edge(rows, left, depth, Math.min(PANEL, c.columns() - column), to, s);
    }
  }

  /** Where the matrices end a tile is computed aside, with zeros for what is not there. */
  private void edge(int rows, int left, int depth, int width, int to, Scratch s) {
    Arrays.fill(s.rows, 0);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < depth; i++) {
        s.rows[r * DEPTH + i] = a.data()[left + r * rowStep + i * columnStep];
      }
      System.arraycopy(c.data(), to + r * c.stride(), s.tile, r * PANEL, width);
    }
    GemmTiles.multiply(s.rows, 0, DEPTH, 1, s.panel, depth, s.tile, 0, PANEL);
    for (int r = 0; r < rows; r++) {
      System.arraycopy(s.tile, r * PANEL, c.data(), to + r * c.stride(), width);
    }
  }
}
