package org.slmruntime.cpu.vector;

/**
 * Which rows of an F16 matrix have no infinities and NaNs. Groups of rows are looked at when they
 * are first used, for then they have to be read anyway.
 */
public final class FiniteRows {
  /** Rows that are looked at together. */
  public static final int GROUP = 64;

  private static final byte FINITE = 1;
  private static final byte OTHER = 2;

  private final StoredRows stored;
  private final byte[] groups;

  /**
   * @param rows of the matrix
   */
  public FiniteRows(StoredRows stored, int rows) {
    this.stored = stored;
    this.groups = new byte[Math.ceilDiv(rows, GROUP)];
  }

  /**
   * Whether rows {@code first .. last - 1} are all finite. Threads may ask for disjoint groups.
   *
   * @param first a multiple of {@link #GROUP}
   */
  public boolean all(int first, int last) {
    boolean finite = true;
    for (int row = first; row < last; row += GROUP) {
      int group = row / GROUP;
      if (groups[group] == 0) {
        groups[group] = look(row, Math.min(last, row + GROUP)) ? FINITE : OTHER;
      }
      finite &= groups[group] == FINITE;
    }
    return finite;
  }

  private boolean look(int first, int last) {
    int count = (last - first) * stored.columns();
    return Halves.areFinite(stored.data(), first * stored.rowBytes(), count);
  }
}
