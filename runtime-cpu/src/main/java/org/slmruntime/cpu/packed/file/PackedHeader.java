package org.slmruntime.cpu.packed.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What comes before the packed weights in their file: a magic number, the length of the key, the
 * key, the sum of each piece of the weights, and the sum of the header up to there.
 */
final class PackedHeader {
  private static final long MAGIC = 0x31304b43504d4c53L; // SLMPCK01

  /** Huge pages are this large, and can be mapped only where the file has them in one piece. */
  private static final long HUGE_PAGE = 2L << 20;

  private final byte[] key;
  private final int pieces;

  PackedHeader(PackedKey key) {
    this.key = key.encoded();
    this.pieces = PieceSums.pieces(key.bytes());
  }

  private int sumsOffset() {
    return Long.BYTES + Integer.BYTES + key.length;
  }

  int byteSize() {
    return Math.addExact(sumsOffset(), Math.multiplyExact(Integer.BYTES, pieces + 1));
  }

  /** Where in the file the weights begin: at the first huge page after the header. */
  long dataOffset() {
    return Math.ceilDiv(byteSize(), HUGE_PAGE) * HUGE_PAGE;
  }

  /** The header of weights with these sums. */
  byte[] encode(int[] sums) {
    ByteBuffer out = ByteBuffer.allocate(byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(MAGIC).putInt(key.length).put(key);
    for (int sum : sums) {
      out.putInt(sum);
    }
    out.putInt(sum(out.array()));
    return out.array();
  }

  /**
   * The sums of the weights' pieces.
   *
   * @param header as many bytes as this has
   * @return empty if they are no header of this key, or broken
   */
  Optional<int[]> decode(byte[] header) {
    ByteBuffer in = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    in.position(sumsOffset());
    int[] sums = new int[pieces];
    Arrays.setAll(sums, _ -> in.getInt());
    return Arrays.equals(header, encode(sums)) ? Optional.of(sums) : Optional.empty();
  }

  private static int sum(byte[] header) {
    CRC32C sum = new CRC32C();
    sum.update(header, 0, header.length - Integer.BYTES);
    return (int) sum.getValue();
  }
}
