package org.slmruntime.cpu.vector;

import java.util.Optional;
import org.slmruntime.tensor.DType;

/**
 * How a quantized format becomes {@link RowScratch}.
 *
 * @param groupShift log2 of the columns in a group: 4 or 5
 */
record Packing(DType type, Unpacker unpacker, int groupShift) {
  /** Empty if a format has no vectorised unpacker. */
  static Optional<Packing> of(DType type) {
    return Optional.ofNullable(
        switch (type) {
          case Q8_0 -> new Packing(type, LegacyUnpackers::q8v0, 5);
          case Q4_0 -> new Packing(type, LegacyUnpackers::q4v0, 5);
          case Q4_1 -> new Packing(type, LegacyUnpackers::q4v1, 5);
          case Q5_0 -> new Packing(type, LegacyUnpackers::q5v0, 5);
          case Q5_1 -> new Packing(type, LegacyUnpackers::q5v1, 5);
          case IQ4_NL -> new Packing(type, LegacyUnpackers::iq4nl, 5);
          case IQ4_XS -> new Packing(type, KUnpackers::iq4xs, 5);
          case Q2_K -> new Packing(type, KUnpackers::q2k, 4);
          case Q3_K -> new Packing(type, KUnpackers::q3k, 4);
          case Q4_K -> new Packing(type, KUnpackers::q4k, 5);
          case Q5_K -> new Packing(type, KUnpackers::q5k, 5);
          case Q6_K -> new Packing(type, KUnpackers::q6k, 4);
          default -> null;
        });
  }
}
