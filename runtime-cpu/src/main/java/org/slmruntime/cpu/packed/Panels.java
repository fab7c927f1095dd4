package org.slmruntime.cpu.packed;

import java.nio.ByteOrder;
import jdk.incubator.vector.VectorSpecies;
import org.slmruntime.cpu.vector.Lanes;

/** The dimensions of panels and the vectors over them. */
public final class Panels {
  /** Rows of a panel: 16-bit lanes of a vector. */
  public static final int PANEL = 2 * Lanes.COUNT;

  /** Columns of a chunk, except the last. */
  public static final int CHUNK = 256;

  /** Columns that share a scale of the activations. */
  public static final int BLOCK = 32;

  static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  static final VectorSpecies<Integer> INTS = Lanes.INTS;

  /** A vector of 16-bit values, one for each row of a panel. */
  static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, Lanes.FLOATS.vectorShape());

  /** The bytes of the same vector. */
  static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, Lanes.FLOATS.vectorShape());

  static final int COUNT = Lanes.COUNT;
  static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  /** Bytes of one 16-bit value of every row. */
  static final int VECTOR_BYTES = PANEL * Short.BYTES;

  private Panels() {}

  /** Where row {@code r} of a panel is among its floats. */
  static int place(int r) {
    return (r & 1) * COUNT + (r >> 1);
  }
}
