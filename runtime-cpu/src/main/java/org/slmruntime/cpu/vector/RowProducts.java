package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.Lanes.COUNT;

import java.util.Optional;
import org.slmruntime.tensor.DType;

/** How a token is multiplied with each format. */
public final class RowProducts {
  private RowProducts() {}

  /** Empty if rows of this type have to be decoded first. */
  public static Optional<RowProduct> of(DType type) {
    if (type == DType.F16) {
      return Optional.of(new HalfRows());
    }
    Optional<RowProduct> streamed = dot(type).map(StreamedRows::new);
    return streamed.or(() -> Packing.of(type).map(UnpackedRows::new));
  }

  /** Formats simple enough to be multiplied as they are read. */
  private static Optional<RowDot> dot(DType type) {
    return Optional.ofNullable(
        switch (type) {
          case F32 -> PlainDots::f32;
          case BF16 -> PlainDots::bf16;
          // These load as many bytes as there are float lanes, and no vector has fewer than eight.
          case Q8_0 -> COUNT >= 8 ? LegacyDots::q8v0 : null;
          case Q4_0 -> COUNT >= 8 ? LegacyDots::q4v0 : null;
          case Q4_1 -> COUNT >= 8 ? LegacyDots::q4v1 : null;
          default -> null;
        });
  }
}
