package org.slmruntime.cpu.vector;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The vector shapes in use: what the machine prefers, between 128 and 512 bits. */
public final class Lanes {
  public static final VectorSpecies<Float> FLOATS =
      VectorShape.preferredShape().vectorBitSize() > 512
          ? FloatVector.SPECIES_512
          : VectorShape.preferredShape().vectorBitSize() < 128
              ? FloatVector.SPECIES_128
              : FloatVector.SPECIES_PREFERRED;

  /** As many as there are float lanes. */
  public static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, FLOATS.vectorShape());

  /** Floats per vector: 4, 8 or 16. */
  public static final int COUNT = FLOATS.length();

  /** As many shorts as there are float lanes. */
  public static final VectorSpecies<Short> SHORTS =
      COUNT == 16
          ? ShortVector.SPECIES_256
          : COUNT == 8 ? ShortVector.SPECIES_128 : ShortVector.SPECIES_64;

  /** As many bytes as there are float lanes, but at least 8: there is no smaller vector. */
  static final VectorSpecies<Byte> LANE_BYTES =
      COUNT == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

  /** Sixteen bytes, whatever the width. */
  static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128;

  /** 32 bytes, or sixteen where vectors are no longer. */
  static final VectorSpecies<Byte> RUN = COUNT == 4 ? BYTES : ByteVector.SPECIES_256;

  /** Floats of scratch memory that the kernels sum lanes in. */
  public static final int SCRATCH = 16 * 16;

  private Lanes() {}

  /** Bits of a vector, for people. */
  public static int bits() {
    return FLOATS.vectorBitSize();
  }

  /**
   * Sums the lanes of {@code count} vectors that lie one after the other in {@code lanes}. Halves
   * are added to halves, always in this order; {@code reduceLanes} promises none, and compiled and
   * interpreted code differ.
   */
  public static void sums(float[] lanes, int at, int count, float[] out, int o) {
    for (int i = 0; i < count; i++) {
      out[o + i] = sum(lanes, at + i * COUNT);
    }
  }

  private static float sum(float[] s, int i) {
    if (COUNT == 16) {
      return sum8(
          s[i] + s[i + 8],
          s[i + 1] + s[i + 9],
          s[i + 2] + s[i + 10],
          s[i + 3] + s[i + 11],
          s[i + 4] + s[i + 12],
          s[i + 5] + s[i + 13],
          s[i + 6] + s[i + 14],
          s[i + 7] + s[i + 15]);
    }
    if (COUNT == 8) {
      return sum8(s[i], s[i + 1], s[i + 2], s[i + 3], s[i + 4], s[i + 5], s[i + 6], s[i + 7]);
    }
    return (s[i] + s[i + 2]) + (s[i + 1] + s[i + 3]);
  }

  private static float sum8(
      float s0, float s1, float s2, float s3, float s4, float s5, float s6, float s7) {
    return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
  }
}
