package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.Lanes.COUNT;

import java.util.Optional;
import org.slmruntime.tensor.DType;

/** How a token, or a few, are multiplied with each format. */
public final class RowProducts {
  private RowProducts() {}

  /**
   * Kernels of a format that is simple enough to be multiplied as it is read.
   *
   * @param finiteOnly whether they are wrong for infinities and NaNs among the weights
   * @param streams whether one token's kernel has so few instructions for a cache line that memory
   *     need not be touched first
   */
  public record Direct(RowDot row, TileDot tile, boolean finiteOnly, boolean streams) {}

  /** Empty if rows of this type and length have to be decoded or unpacked first. */
  public static Optional<Direct> direct(DType type, int columns) {
    return Optional.ofNullable(
        switch (type) {
          case F32 -> new Direct(RowDots::f32, TileDots::f32, false, true);
          case F16 ->
              WordOrder.isOf(type, columns)
                  ? new Direct(RowDots::f16, TileDots::f16, true, true)
                  : null;
          case BF16 -> new Direct(RowDots::bf16, TileDots::bf16, false, true);
          // These load as many bytes as there are float lanes, and no vector has fewer than eight.
          case Q8_0 -> COUNT >= 8 ? new Direct(RowDots::q8v0, TileDots::q8v0, false, false) : null;
          default -> null;
        });
  }

  /** Empty if rows of this type cannot be multiplied as unpacked codes. */
  public static Optional<RowProduct> unpacked(DType type) {
    return Packing.of(type).map(UnpackedRows::new);
  }
}
