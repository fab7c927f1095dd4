package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.BLOCK;
import static org.slmruntime.cpu.packed.Panels.CHUNK;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.vector.StoredBytes.eight;
import static org.slmruntime.cpu.vector.StoredBytes.integer;
import static org.slmruntime.cpu.vector.StoredBytes.word;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Packs panels of a matrix, with one thread's working memory. */
final class PanelPacker {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long LOWER_SIX = 0x003f003f003f003fL;
  private static final long UPPER_SIX = 0x0fc00fc00fc00fc0L;

  private final PackedFormat format;
  private final int columns;
  private final int rowBytes;
  private final byte[] stored;
  private final byte[] codes;
  private final short[] chunk;

  PanelPacker(PackedFormat format, int columns, PackingScratch scratch) {
    this.format = format;
    this.columns = columns;
    this.rowBytes = Math.toIntExact(format.type.byteSize(columns));
    this.stored = scratch.stored;
    this.codes = scratch.codes;
    this.chunk = scratch.chunk;
  }

  /**
   * Packs one panel.
   *
   * @param rows at most a panel; the rest is padded with zeros
   */
  void pack(MemorySegment source, int firstRow, int rows, MemorySegment target, long at) {
    long from = (long) firstRow * rowBytes;
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, from, stored, 0, rows * rowBytes);
    for (int c = 0; c < columns; c += CHUNK) {
      int n = Math.min(CHUNK, columns - c);
      if (rows < PANEL) {
        Arrays.fill(chunk, (short) 0);
      }
      for (int r = 0; r < rows; r++) {
        int block = r * rowBytes + (int) format.type.byteSize(c);
        putScales(block, n, r);
        putCodes(block, n, format.scales.vectors(n) * PANEL + r);
      }
      int bytes = format.chunkBytes(n);
      MemorySegment.copy(chunk, 0, target, SHORT, at, bytes / Short.BYTES);
      at += bytes;
    }
  }

  private void putScales(int block, int n, int r) {
    switch (format) {
      case Q4_0, Q5_0, Q8_0, IQ4_NL -> putHalves(block, n, r);
      case Q4_1, Q5_1 -> {
        putHalves(block, n, r);
        putHalves(block + 2, n, n / BLOCK * PANEL + r);
      }
      case Q4_K, Q5_K -> {
        chunk[r] = word(stored, block);
        chunk[PANEL + r] = word(stored, block + 2);
        putScalesAndMinimums(block + 4, 2 * PANEL + r);
      }
      case Q3_K -> {
        chunk[r] = word(stored, block + 108);
        putQ3Scales(block, r);
      }
      case Q6_K -> {
        chunk[r] = word(stored, block + 208);
        for (int g = 0; g < 8; g++) {
          chunk[(g + 1) * PANEL + r] = word(stored, block + 192 + 2 * g);
        }
      }
      case IQ4_XS -> {
        chunk[r] = word(stored, block);
        putIq4Scales(block, r);
      }
    }
  }

  private void putHalves(int from, int n, int to) {
    int blockBytes = (int) format.type.byteSize(BLOCK);
    for (int b = 0; b < n / BLOCK; b++) {
      chunk[to + b * PANEL] = word(stored, from + b * blockBytes);
    }
  }

  /**
   * Scale and minimum of each group get a byte. The first four groups have theirs in the low six
   * bits of bytes, the others in half a byte and what was left of those.
   */
  private void putScalesAndMinimums(int from, int to) {
    for (int g = 0; g < 4; g++) {
      int scale = stored[from + g] & 255;
      int minimum = stored[from + 4 + g] & 255;
      int both = stored[from + 8 + g] & 255;
      chunk[to + g * PANEL] = (short) (scale & 63 | (minimum & 63) << 8);
      int upper = scale >> 2 & 0x30 | both & 15;
      chunk[to + (g + 4) * PANEL] = (short) (upper | (minimum >> 2 & 0x30 | both >> 4) << 8);
    }
  }

  /** Eight scales: all high bits, then all low ones. */
  private void putIq4Scales(int block, int r) {
    int high = word(stored, block + 2);
    int low = integer(stored, block + 4);
    for (int g = 0; g < 8; g++) {
      putSixBits(g, low >>> 4 * g & 15, high >>> 2 * g & 3, r);
    }
  }

  /** Sixteen scales: low bits of the first eight and the others, then all high ones, in turns. */
  private void putQ3Scales(int block, int r) {
    for (int g = 0; g < 16; g++) {
      int low = stored[block + 96 + g % 8] >>> g / 8 * 4 & 15;
      int high = stored[block + 104 + g % 4] >>> g / 4 * 2 & 3;
      putSixBits(g, low, high, r);
    }
  }

  /** A group's scale becomes a signed byte; a value has two, the first in its low byte. */
  private void putSixBits(int group, int low, int high, int r) {
    int at = PANEL + group / 2 * PANEL + r;
    int scale = (low | high << 4) - 32;
    chunk[at] = (short) (group % 2 == 0 ? scale & 255 : chunk[at] | scale << 8);
  }

  private void putCodes(int block, int n, int to) {
    int blockBytes = (int) format.type.byteSize(format.type.blockElements());
    switch (format) {
      case Q4_0 -> FourBitRows.blocks(stored, block + 2, blockBytes, n, chunk, to);
      case Q4_1 -> FourBitRows.blocks(stored, block + 4, blockBytes, n, chunk, to);
      case Q4_K -> FourBitRows.runs(stored, block + 16, chunk, to);
      case IQ4_NL -> FourBitRows.levels(stored, block + 2, blockBytes, n, chunk, to);
      case IQ4_XS -> FourBitRows.levels(stored, block + 8, 16, n, chunk, to);
      case Q5_0, Q5_1, Q5_K -> {
        RowCodes.read(format, stored, block, n, codes);
        putFives(n, to);
      }
      case Q3_K -> {
        RowCodes.read(format, stored, block, n, codes);
        putThrees(n, to);
      }
      case Q6_K -> {
        RowCodes.read(format, stored, block, n, codes);
        putSixes(n, to);
      }
      case Q8_0 -> {
        RowCodes.read(format, stored, block, n, codes);
        putEights(n, to);
      }
    }
  }

  /** Sixteen columns become three values. */
  private void putThrees(int n, int to) {
    for (int c = 0; c < n; c += 16) {
      int last = codes[c + 15];
      for (int i = 0; i < 3; i++) {
        int k = c + 5 * i;
        int three = codes[k] | codes[k + 1] << 3 | codes[k + 2] << 6;
        int five = three | codes[k + 3] << 9 | codes[k + 4] << 12;
        int top = (last >> 2 - i & 1) << 15;
        chunk[to + (c / 16 * 3 + i) * PANEL] = (short) (five | top);
      }
    }
  }

  /** Sixteen columns become five values. */
  private void putFives(int n, int to) {
    for (int c = 0; c < n; c += 16) {
      int last = codes[c + 15];
      for (int i = 0; i < 5; i++) {
        int k = c + 3 * i;
        int three = codes[k] | codes[k + 1] << 5 | codes[k + 2] << 10;
        int top = (last >> 4 - i & 1) << 15;
        chunk[to + (c / 16 * 5 + i) * PANEL] = (short) (three | top);
      }
    }
  }

  /** Eight columns become three values: of two codes each, and of the last two's halves. */
  private void putSixes(int n, int to) {
    for (int c = 0; c < n; c += 8) {
      long x = eight(codes, c);
      long pairs = x & LOWER_SIX | x >>> 2 & UPPER_SIX;
      int last = (int) (pairs >>> 48);
      int tops = (last >>> 4 & 3) << 12 | last >>> 10 << 14;
      int at = to + c / 8 * 3 * PANEL;
      chunk[at] = (short) (pairs & 0xfff | (last & 15) << 12);
      chunk[at + PANEL] = (short) (pairs >>> 16 & 0xfff | (last >>> 6 & 15) << 12);
      chunk[at + 2 * PANEL] = (short) (pairs >>> 32 & 0xfff | tops);
    }
  }

  /** Eight columns become four values. */
  private void putEights(int n, int to) {
    for (int c = 0; c < n; c += 8) {
      long x = eight(codes, c);
      int at = to + c / 2 * PANEL;
      chunk[at] = (short) x;
      chunk[at + PANEL] = (short) (x >>> 16);
      chunk[at + 2 * PANEL] = (short) (x >>> 32);
      chunk[at + 3 * PANEL] = (short) (x >>> 48);
    }
  }
}
