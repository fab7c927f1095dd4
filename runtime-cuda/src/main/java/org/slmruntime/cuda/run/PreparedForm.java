package org.slmruntime.cuda.run;

import java.util.Locale;
import org.slmruntime.tensor.DType;

/** How a kernel for many tokens wants its activations. */
enum PreparedForm {
  /** 16-bit codes with scales and sums: for quantized weights. */
  INT16,
  /** High and low float16 parts. */
  SPLIT_F16,
  /** High and low bfloat16 parts. */
  SPLIT_BF16,
  /** Rounded to bfloat16, for the library. */
  BF16,
  /** As they are, but normed and without gaps. */
  F32;

  /** Offsets of the parts of a prepared input and its size. */
  record Layout(long second, long third, long bytes) {}

  /** The form of our own kernels for weights of a format. */
  static PreparedForm of(DType type) {
    return switch (type) {
      case F32 -> F32;
      case F16 -> SPLIT_F16;
      case BF16 -> SPLIT_BF16;
      default -> INT16;
    };
  }

  String kernel() {
    return "prepare_" + name().toLowerCase(Locale.ROOT);
  }

  Layout layout(int tokens, int columns) {
    long elements = Math.multiplyExact((long) tokens, columns);
    Offsets at = new Offsets();
    switch (this) {
      case INT16 -> {
        at.add(elements, 2);
        long scales = at.add(elements / 32, Float.BYTES);
        long sums = at.add(elements / 16, Float.BYTES);
        return new Layout(scales, sums, at.end());
      }
      case SPLIT_F16, SPLIT_BF16 -> {
        at.add(Math.multiplyExact((long) tokens, Math.ceilDiv(columns, 8) * 8L), 4);
        return new Layout(at.add(tokens, Float.BYTES), 0, at.end());
      }
      case BF16 -> at.add(elements, 2);
      case F32 -> at.add(elements, Float.BYTES);
    }
    return new Layout(0, 0, at.end());
  }
}
