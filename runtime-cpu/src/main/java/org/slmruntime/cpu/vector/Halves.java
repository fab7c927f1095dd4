package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.StoredValues.LE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * F16 as integers. Shifted by {@link #SHIFT} and masked by {@link #BITS}, a half is a float32 that
 * is {@link #SCALE} times too small, subnormal ones included; the Vector API has no conversion of
 * its own. Infinities and NaNs would become finite, so kernels that do this are only for elements
 * that are all finite.
 */
final class Halves {
  static final int SHIFT = 13;

  /** The same for the upper half of a word, shifted right and with its sign. */
  static final int UPPER_SHIFT = 3;

  static final int BITS = 0x8fffe000;

  /** The lowest bit of the exponent. */
  static final int EXPONENT_ONE = 0x00800000;

  static final float SCALE = 0x1p112f;

  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
  private static final short MAGNITUDE = 0x7fff;
  private static final short INFINITY = 0x7c00;

  private Halves() {}

  /** Whether none of so many halves is infinite or NaN. */
  static boolean areFinite(MemorySegment s, long offset, int count) {
    int bound = SHORTS.loopBound(count);
    ShortVector largest = ShortVector.zero(SHORTS);
    for (int i = 0; i < bound; i += SHORTS.length()) {
      ShortVector h = ShortVector.fromMemorySegment(SHORTS, s, offset + 2L * i, LE);
      largest = largest.max(h.and(MAGNITUDE));
    }
    int most = largest.reduceLanes(VectorOperators.MAX);
    for (int i = bound; i < count; i++) {
      most = Math.max(most, s.get(SHORT, offset + 2L * i) & MAGNITUDE);
    }
    return most < INFINITY;
  }
}
