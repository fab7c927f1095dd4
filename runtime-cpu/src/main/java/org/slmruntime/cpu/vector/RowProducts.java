package org.slmruntime.cpu.vector;

import java.util.Optional;
import org.slmruntime.tensor.DType;

/** How a token, or a few, are multiplied with each format. */
public final class RowProducts {
  private RowProducts() {}

  /**
   * Kernels of a format that is simple enough to be multiplied as it is read.
   *
   * @param finiteOnly whether they are wrong for infinities and NaNs among the weights
   */
  public record Direct(RowDot row, TileDot tile, boolean finiteOnly) {}

  /** Empty if rows of this type and length have to be decoded or unpacked first. */
  public static Optional<Direct> direct(DType type, int columns) {
    return Optional.ofNullable(
        switch (type) {
          case F32 -> new Direct(RowDots::f32, TileDots::f32, false);
          case F16 ->
              WordOrder.isOf(type, columns) ? new Direct(RowDots::f16, TileDots::f16, true) : null;
          case BF16 -> new Direct(RowDots::bf16, TileDots::bf16, false);
          default -> null;
        });
  }

  /** Empty if rows of this type cannot be multiplied as unpacked codes. */
  public static Optional<RowProduct> unpacked(DType type) {
    return Packing.of(type).map(UnpackedRows::new);
  }
}
