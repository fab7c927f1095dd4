package org.slmruntime.cpu.matmul;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The vector shapes in use: what the machine prefers, between 128 and 512 bits. */
final class Lanes {
  static final VectorSpecies<Float> FLOATS =
      VectorShape.preferredShape().vectorBitSize() > 512
          ? FloatVector.SPECIES_512
          : VectorShape.preferredShape().vectorBitSize() < 128
              ? FloatVector.SPECIES_128
              : FloatVector.SPECIES_PREFERRED;

  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());

  /** Floats per vector: 4, 8 or 16. */
  static final int COUNT = FLOATS.length();

  /** As many shorts as there are float lanes. */
  static final VectorSpecies<Short> SHORTS =
      COUNT == 16
          ? ShortVector.SPECIES_256
          : COUNT == 8 ? ShortVector.SPECIES_128 : ShortVector.SPECIES_64;

  /** As many bytes as there are float lanes, but at least 8: there is no smaller vector. */
  static final VectorSpecies<Byte> BYTES =
      COUNT == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

  /** Bytes per load: 8 or 16. With 4 lanes a load fills two vectors. */
  static final int GROUP = BYTES.length();

  static final boolean TWO_PARTS = GROUP != COUNT;

  private Lanes() {}

  /** Bits of a vector, for people. */
  static int bits() {
    return FLOATS.vectorBitSize();
  }
}
