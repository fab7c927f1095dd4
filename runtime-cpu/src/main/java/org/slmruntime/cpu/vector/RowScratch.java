package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.B2F;
import static org.slmruntime.cpu.vector.Lanes.COUNT;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import org.slmruntime.tensor.DType;

/**
 * One thread's working memory for two rows of weights on their way to a product. Quantized rows are
 * signed codes in the order of the columns, and what turns them into weights, {@code scale * code +
 * minimum}, for each group of columns.
 */
public final class RowScratch {
  /** The longest block of any format. */
  private static final int BLOCK = 256;

  /** Stored rows that are copied together, so that memory is read in long runs. */
  private static final int BATCH = 1 << 14;

  /** Groups have at least this many columns. */
  private static final int SMALLEST_GROUP = 16;

  /** Vectors of codes are read from any column on, so there is room for one past the end. */
  private static final int ROOM = 16;

  /**
   * Elements of a row that there is room for, whole blocks of any format; the second begins here.
   */
  final int rowElements;

  /** The second row's groups begin here. */
  final int rowGroups;

  /** Rows as they are stored, some at a time; at least two of the widest packed format. */
  final byte[] stored;

  final byte[] codes;

  /** For {@link Lanes#sums}. */
  final float[] lanes = new float[Lanes.SCRATCH];

  final float[] scales;
  final float[] minimums;

  /** Scales before they become floats. */
  private final byte[] eight = new byte[8];

  /**
   * @param columns of the widest row, or fewer if rows are only decoded
   */
  public RowScratch(int columns) {
    rowElements = roundUp(columns);
    rowGroups = groups(rowElements);
    stored = new byte[storedBytes(rowElements)];
    codes = new byte[2 * rowElements + ROOM];
    scales = new float[2 * rowGroups];
    minimums = new float[2 * rowGroups];
  }

  /** Bytes of such memory for rows of {@code columns}. */
  public static long byteSize(int columns) {
    int room = roundUp(columns);
    long elements = storedBytes(room) + 2L * room + ROOM;
    return elements + 4L * (groups(room) + Lanes.SCRATCH) * Float.BYTES;
  }

  private static int storedBytes(int elements) {
    return Math.max(BATCH, Math.toIntExact(2 * DType.Q8_0.byteSize(elements)));
  }

  private static int roundUp(int columns) {
    return Math.ceilDiv(columns, BLOCK) * BLOCK;
  }

  private static int groups(int columns) {
    return Math.ceilDiv(columns, SMALLEST_GROUP);
  }

  /**
   * Writes the scales and minimums of eight or sixteen groups: signed bytes times a factor each.
   * One loop, so that C2 meets the conversion once.
   *
   * @param s0 scales of eight groups, one per byte
   * @param s1 those of the next eight, if there are sixteen
   * @param m0 minimums of eight groups
   * @param m1 those of the next eight
   * @param at the first group
   */
  void putScales(
      int groups, long s0, long s1, float scale, long m0, long m1, float minimum, int at) {
    for (int i = 0; i < 4; i += 16 / groups) {
      long bytes = i == 0 ? s0 : i == 1 ? s1 : i == 2 ? m0 : m1;
      putEight(bytes, i < 2 ? scale : minimum, i < 2 ? scales : minimums, at + 8 * (i & 1));
    }
  }

  private void putEight(long bytes, float factor, float[] target, int at) {
    if (COUNT == 4) {
      for (int i = 0; i < 8; i++) {
        target[at + i] = factor * (byte) (bytes >>> 8 * i);
      }
      return;
    }
    // Loaded as it was stored, so that the processor forwards it.
    StoredBytes.putEight(eight, 0, bytes);
    ByteVector b = ByteVector.fromArray(ByteVector.SPECIES_64, eight, 0);
    FloatVector f = (FloatVector) b.convertShape(B2F, FloatVector.SPECIES_256, 0);
    f.mul(factor).intoArray(target, at);
  }
}
