package org.slmruntime.cpu.attention;

import static org.slmruntime.cpu.vector.Lanes.COUNT;

import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.tensor.DType;

/**
 * Where one head's keys or values of one cache block lie. Both are matrices of 32-bit words, each
 * with one to four elements, the first in the highest bits, so that a vector of words unpacks into
 * vectors of floats without crossing lanes.
 *
 * <ul>
 *   <li>Keys: for each group of {@link org.slmruntime.cpu.vector.Lanes#COUNT} positions, rows of
 *       that many words, a lane to a position. A word has neighbouring elements of a key.
 *   <li>Values: rows of {@link #valueElements} words. A word has one element of neighbouring
 *       positions.
 * </ul>
 *
 * Q8_0 has a scale (F16) for every 32 elements of a position: behind each group of keys as [32
 * elements][positions of the group], behind a block's values as [32 elements][positions].
 *
 * @param type element type: F32, F16 or Q8_0
 * @param keySize elements of a key
 * @param valueSize elements of a value
 * @param blockTokens positions of a cache block
 */
record KvLayout(DType type, int keySize, int valueSize, int blockTokens) {
  /** Elements with a scale of their own, in Q8_0. */
  static final int SCALED = 32;

  private static final int STRIPE = 2 * COUNT;

  static KvLayout of(KvLayer layer, PlanOptions options) {
    return new KvLayout(
        options.kvType(), layer.keySize(), layer.valueSize(), options.kvBlockTokens());
  }

  boolean scaled() {
    return type == DType.Q8_0;
  }

  /** Elements of a word. */
  int perWord() {
    return switch (type) {
      case F32 -> 1;
      case F16 -> 2;
      default -> 4;
    };
  }

  /** Positions of a block, padded to whole groups. */
  int positions() {
    return roundUp(blockTokens, COUNT);
  }

  /** Groups of positions in a block. */
  int groups() {
    return positions() / COUNT;
  }

  /** Elements of a key with padding, which is zero. */
  int keyElements() {
    return roundUp(keySize, scaled() ? SCALED : perWord());
  }

  /** Rows of words of a group of keys. */
  int keyRows() {
    return keyElements() / perWord();
  }

  /** Bytes from one row of keys to the next. */
  int keyRowBytes() {
    return COUNT * Integer.BYTES;
  }

  /** The scales of a group of keys begin here. */
  int keyScalesAt() {
    return keyRows() * keyRowBytes();
  }

  /** Bytes from one group of keys to the next. */
  int keyGroupBytes() {
    int scales = scaled() ? keyElements() / SCALED * COUNT * Short.BYTES : 0;
    return roundUp(keyScalesAt() + scales, COUNT * Integer.BYTES);
  }

  /** Bytes of a head's keys in a block. */
  long keyBytes() {
    return (long) groups() * keyGroupBytes();
  }

  /** Elements of a value with padding, which is zero: whole stripes of two vectors. */
  int valueElements() {
    return roundUp(valueSize, scaled() ? SCALED : STRIPE);
  }

  /** Rows of words of a block's values. */
  int valueRows() {
    return positions() / perWord();
  }

  /** Bytes from one row of values to the next. */
  int valueRowBytes() {
    return valueElements() * Integer.BYTES;
  }

  /** The scales of a block's values begin here. */
  int valueScalesAt() {
    return valueRows() * valueRowBytes();
  }

  /** Bytes of a head's values in a block. */
  long valueBytes() {
    int scales = scaled() ? valueElements() / SCALED * positions() * Short.BYTES : 0;
    return roundUp(valueScalesAt() + scales, COUNT * Integer.BYTES);
  }

  static int roundUp(int n, int multiple) {
    return Math.ceilDiv(n, multiple) * multiple;
  }
}
