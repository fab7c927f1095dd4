package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.BLOCK;
import static org.slmruntime.cpu.packed.Panels.CHUNK;
import static org.slmruntime.cpu.packed.Panels.COUNT;
import static org.slmruntime.cpu.packed.Panels.FLOATS;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import org.slmruntime.cpu.vector.Touch;

/** Products of a packed matrix with 8-bit activations. */
public final class PackedProducts {
  /** Rows that many tokens are multiplied with at a time: their totals stay in the cache. */
  public static final int MANY_ROWS = 128;

  /** Tokens that are multiplied at a time; so do a chunk of their codes. */
  private static final int MANY_TOKENS = 256;

  /** Results of {@link #many} that are worked on at a time. */
  static final int TOTALS = MANY_ROWS * MANY_TOKENS;

  /** Bytes of two panels that are brought into the cache together. */
  private static final int BURST = 1 << 17;

  /** Even and odd rows in turn: the first half of both, or the second. */
  private static final VectorShuffle<Float> FIRST_HALVES = VectorShuffle.makeZip(FLOATS, 0);

  private static final VectorShuffle<Float> SECOND_HALVES = VectorShuffle.makeZip(FLOATS, 1);

  private final PackedMatrix matrix;
  private final PackedFormat format;
  private final int columns;
  private final long panelBytes;

  /** Columns whose bytes make a burst, in whole chunks. */
  private final int burstColumns;

  /** Whether one token's sums are scaled without unpacking scales first. */
  private final boolean scaledAsStored;

  public PackedProducts(PackedMatrix matrix) {
    this.matrix = matrix;
    this.format = matrix.format();
    this.columns = matrix.columns();
    this.panelBytes = matrix.panelBytes();
    int chunks = Math.max(1, BURST / (2 * format.chunkBytes(CHUNK)));
    this.burstColumns = chunks * CHUNK;
    this.scaledAsStored = ScaledSums.has(format);
  }

  /**
   * One token: {@code out[r] = W[r] . x} for the rows of panels {@code first .. last - 1}.
   *
   * @param y the token's {@link Multipliers}
   * @param dx scales of its blocks
   * @param codeSums sums of its blocks, scaled
   * @param scratch this thread's own
   */
  public void one(
      int first,
      int last,
      int[] y,
      float[] dx,
      float[] codeSums,
      float[] out,
      PackedScratch scratch) {
    for (int panel = first; panel < last; panel += 2) {
      int other = Math.min(panel + 1, last - 1);
      Arrays.fill(scratch.totals, 0, 2 * PANEL, 0);
      pair(panel * panelBytes, other * panelBytes, y, dx, codeSums, scratch);
      put(panel, scratch.totals, 0, out, 0);
      if (other > panel) {
        put(other, scratch.totals, PANEL, out, 0);
      }
    }
  }

  private void pair(
      long p0, long p1, int[] y, float[] dx, float[] codeSums, PackedScratch scratch) {
    MemorySegment s = matrix.data();
    long at = 0;
    for (int c = 0; c < columns; c += CHUNK) {
      if (c % burstColumns == 0) {
        long bytes = format.panelBytes(Math.min(burstColumns, columns - c));
        scratch.touched += Touch.lines(s, p0 + at, bytes) + Touch.lines(s, p1 + at, bytes);
      }
      int n = Math.min(CHUNK, columns - c);
      pairOfChunk(s, p0 + at, p1 + at, y, c, n, dx, codeSums, scratch);
      at += format.chunkBytes(n);
    }
  }

  private void pairOfChunk(
      MemorySegment s,
      long p0,
      long p1,
      int[] y,
      int c,
      int n,
      float[] dx,
      float[] codeSums,
      PackedScratch scratch) {
    if (!scaledAsStored) {
      ScaleUnpackers.unpack(format, s, p0, n, scratch, 0);
      ScaleUnpackers.unpack(format, s, p1, n, scratch, PackedScratch.OTHER_SCALES);
    }
    long codes = (long) format.scales.vectors(n) * VECTOR_BYTES;
    long q0 = p0 + codes;
    long q1 = p1 + codes;
    int m = c / format.width.run * format.width.multipliers;
    int runs = n / format.width.run;
    switch (format.width) {
      case THREE -> CodeDots.threes(s, q0, q1, y, m, runs, scratch.sums);
      case FOUR -> CodeDots.fours(s, q0, q1, y, m, runs, scratch.sums);
      case FIVE -> CodeDots.fives(s, q0, q1, y, m, runs, scratch.sums);
      case SIX -> CodeDots.sixes(s, q0, q1, y, m, runs, scratch.sums);
      case EIGHT -> {
        EightBitDots.add(s, q0, q1, y, m, n / BLOCK, dx, c / BLOCK, scratch);
        return;
      }
      case LEVELS -> {
        LevelDots.add(s, q0, q1, y, m, n / BLOCK, dx, c / BLOCK, scratch);
        return;
      }
    }
    if (scaledAsStored) {
      ScaledSums.add(format, s, p0, p1, n, dx, codeSums, c / BLOCK, scratch);
    } else {
      GroupSums.add(format, scratch, n, dx, codeSums, c / BLOCK);
    }
  }

  /**
   * Many tokens: {@code out[t * rows + r] = W[r] . x[t]} for the rows of panels {@code first ..
   * last - 1}, {@link #MANY_ROWS} at most.
   *
   * @param scratch this thread's own
   */
  public void many(
      int first, int last, TokenGroups x, int tokens, float[] out, PackedScratch scratch) {
    for (int t = 0; t < tokens; t += MANY_TOKENS) {
      int end = Math.min(tokens, t + MANY_TOKENS);
      int room = TokenGroups.padded(end - t) * PANEL;
      Arrays.fill(scratch.totals, 0, (last - first) * room, 0);
      long at = 0;
      for (int c = 0; c < columns; c += CHUNK) {
        int n = Math.min(CHUNK, columns - c);
        manyOfChunk(first, last, at, x, c, n, tokens, t, end, room, scratch);
        at += format.chunkBytes(n);
      }
      for (int panel = first; panel < last; panel++) {
        for (int i = t; i < end; i++) {
          int from = (panel - first) * room + (i - t) * PANEL;
          put(panel, scratch.totals, from, out, i * matrix.rows());
        }
      }
    }
  }

  private void manyOfChunk(
      int first,
      int last,
      long at,
      TokenGroups x,
      int c,
      int n,
      int tokens,
      int t,
      int end,
      int room,
      PackedScratch scratch) {
    MemorySegment s = matrix.data();
    for (int panel = first; panel < last; panel++) {
      scratch.touched += Touch.lines(s, panel * panelBytes + at, format.chunkBytes(n));
    }
    for (int panel = first; panel < last; panel++) {
      long p = panel * panelBytes + at;
      ScaleUnpackers.unpack(format, s, p, n, scratch, 0);
      long codes = p + format.scales.vectors(n) * VECTOR_BYTES;
      manyOfPanel(s, codes, x, c, n, tokens, t, end, (panel - first) * room, scratch);
    }
  }

  private void manyOfPanel(
      MemorySegment s,
      long p,
      TokenGroups x,
      int c,
      int n,
      int tokens,
      int t,
      int end,
      int to,
      PackedScratch k) {
    GemmScratch gemm = k.gemm;
    switch (format.width) {
      case THREE -> PairUnpackers.threes(s, p, n, gemm.codes);
      case FOUR -> PairUnpackers.fours(s, p, n, gemm.codes);
      case FIVE -> PairUnpackers.fives(s, p, n, gemm.codes);
      case SIX -> PairUnpackers.sixes(s, p, n, gemm.codes);
      case EIGHT, LEVELS -> {
        FloatGemm.add(format.width, s, p, gemm, k.scales, x, c, n, tokens, t, end, k.totals, to);
        return;
      }
    }
    PackedGemm.add(format, gemm, k.scales, k.offsets, x, c, n, tokens, t, end, k.totals, to);
  }

  /** Writes a panel's results in the order of its rows. */
  private void put(int panel, float[] totals, int from, float[] out, int to) {
    int row = panel * PANEL;
    int count = Math.min(PANEL, matrix.rows() - row);
    if (count == PANEL) {
      FloatVector even = FloatVector.fromArray(FLOATS, totals, from);
      FloatVector odd = FloatVector.fromArray(FLOATS, totals, from + COUNT);
      even.rearrange(FIRST_HALVES, odd).intoArray(out, to + row);
      even.rearrange(SECOND_HALVES, odd).intoArray(out, to + row + COUNT);
      return;
    }
    for (int r = 0; r < count; r++) {
      out[to + row + r] = totals[from + Panels.place(r)];
    }
  }
}
