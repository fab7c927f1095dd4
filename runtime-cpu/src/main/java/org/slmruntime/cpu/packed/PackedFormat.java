package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.BLOCK;
import static org.slmruntime.cpu.packed.Panels.CHUNK;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.VECTOR_BYTES;

import java.util.Optional;
import org.slmruntime.tensor.DType;

/**
 * The formats that are packed. A weight is {@code scale * code + offset} with a signed code; scales
 * and offsets are those of a group of columns. Sizes are in vectors of one 16-bit value per row.
 */
public enum PackedFormat {
  Q3_K(DType.Q3_K, CodeWidth.THREE, ScaleKind.BYTES, 16),
  Q4_0(DType.Q4_0, CodeWidth.FOUR, ScaleKind.HALF, 32),
  Q4_1(DType.Q4_1, CodeWidth.FOUR, ScaleKind.TWO_HALVES, 32),
  Q4_K(DType.Q4_K, CodeWidth.FOUR, ScaleKind.SIX_BITS, 32),
  Q5_0(DType.Q5_0, CodeWidth.FIVE, ScaleKind.HALF, 32),
  Q5_1(DType.Q5_1, CodeWidth.FIVE, ScaleKind.TWO_HALVES, 32),
  Q5_K(DType.Q5_K, CodeWidth.FIVE, ScaleKind.SIX_BITS, 32),
  Q6_K(DType.Q6_K, CodeWidth.SIX, ScaleKind.BYTES, 16),
  Q8_0(DType.Q8_0, CodeWidth.EIGHT, ScaleKind.HALF, 32),
  IQ4_NL(DType.IQ4_NL, CodeWidth.LEVELS, ScaleKind.HALF, 32),
  IQ4_XS(DType.IQ4_XS, CodeWidth.LEVELS, ScaleKind.EIGHT_BYTES, 32);

  /** How codes lie, and how many products with 8-bit activations fit a 16-bit sum. */
  public enum CodeWidth {
    /** Sixteen columns in three values, five in each and the last column in their top bits. */
    THREE(6, 16, 19),
    /** Four columns in each value. */
    FOUR(8, 32, 33),
    /** Sixteen columns in five values, three in each and the last column in their top bits. */
    FIVE(10, 16, 21),
    /** Eight columns in three values, two in each and two in their top four bits. */
    SIX(12, 8, 11),
    /** Two columns in each value. */
    EIGHT(16, 2, 3),
    /** Four columns in each value, each the number of one of sixteen codes of 8 bits. */
    LEVELS(8, 2, 3);

    /** Vectors that hold 32 columns. */
    final int vectors;

    /** Columns whose products are summed in 16 bits. */
    final int run;

    /** {@link Multipliers} of a run. */
    final int multipliers;

    CodeWidth(int vectors, int run, int multipliers) {
      this.vectors = vectors;
      this.run = run;
      this.multipliers = multipliers;
    }

    /** What a stored code is more than the signed one. */
    int bias() {
      return 1 << (vectors / 2 - 1);
    }

    /** The width of what is multiplied: levels are looked up first. */
    public CodeWidth multiplied() {
      return this == LEVELS ? EIGHT : this;
    }
  }

  /** How scales are stored. */
  enum ScaleKind {
    /** A half-precision scale for each group. */
    HALF,
    /** A half-precision scale and a minimum for each group; first the scales. */
    TWO_HALVES,
    /** Two half-precision factors, then scale and minimum of eight groups, a byte each. */
    SIX_BITS,
    /** A half-precision factor, then signed bytes of sixteen groups, two in a value. */
    BYTES,
    /** The same of eight groups. */
    EIGHT_BYTES;

    boolean hasOffsets() {
      return this == TWO_HALVES || this == SIX_BITS;
    }

    /** Vectors of a chunk's scales. */
    int vectors(int columns) {
      return switch (this) {
        case HALF -> columns / BLOCK;
        case TWO_HALVES -> 2 * columns / BLOCK;
        case SIX_BITS -> 10;
        case BYTES -> 9;
        case EIGHT_BYTES -> 5;
      };
    }
  }

  final DType type;
  final CodeWidth width;
  final ScaleKind scales;

  /** Columns that share a scale. */
  final int group;

  PackedFormat(DType type, CodeWidth width, ScaleKind scales, int group) {
    this.type = type;
    this.width = width;
    this.scales = scales;
    this.group = group;
  }

  /** The packed form of a type; empty if it is read in place. */
  public static Optional<PackedFormat> of(DType type) {
    for (PackedFormat format : values()) {
      if (format.type == type) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /** How its codes lie. */
  public CodeWidth width() {
    return width;
  }

  /** Bytes of a chunk of a panel. */
  int chunkBytes(int columns) {
    return (scales.vectors(columns) + columns / BLOCK * width.vectors) * VECTOR_BYTES;
  }

  /** Bytes of a panel. */
  long panelBytes(int columns) {
    long whole = columns / CHUNK * (long) chunkBytes(CHUNK);
    int rest = columns % CHUNK;
    return rest == 0 ? whole : whole + chunkBytes(rest);
  }

  /** Bytes of a matrix, whose last panel is padded. */
  public long byteSize(int rows, int columns) {
    return Math.ceilDiv(rows, PANEL) * panelBytes(columns);
  }
}
