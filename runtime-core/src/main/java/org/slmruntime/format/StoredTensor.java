package org.slmruntime.format;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.slmruntime.quant.QuantFormat;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/**
 * A named tensor in a model file: its checked description and its bytes, mapped, not copied.
 *
 * @param name as the file has it, e.g. {@code blk.0.attn_q.weight}
 * @param type element format
 * @param dims sizes, fastest varying first (a linear layer [out, in] is {in, out}), at most four
 * @param data exactly the tensor's bytes, little-endian; readable until its file is closed
 */
public record StoredTensor(String name, DType type, List<Long> dims, MemorySegment data) {
  public StoredTensor {
    dims = List.copyOf(dims);
  }

  /** The row length: dims[0], or 1 for a scalar. */
  public long columns() {
    return dims.isEmpty() ? 1 : dims.getFirst();
  }

  /** The number of rows: the product of all sizes but the first. */
  public long rows() {
    return dims.stream().skip(1).mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }

  public long elements() {
    return Math.multiplyExact(rows(), columns());
  }

  /**
   * All elements, decoded.
   *
   * @throws FormatException if the type has no decoder, or they do not fit an array
   */
  public float[] values() {
    QuantFormat format =
        QuantFormats.of(type)
            .orElseThrow(() -> new FormatException("tensor " + this + " cannot be decoded"));
    if (elements() > Integer.MAX_VALUE - 8) {
      throw new FormatException("tensor " + this + " is too large for an array");
    }
    float[] values = new float[(int) elements()];
    format.decode(data, 0, values, 0, values.length);
    return values;
  }

  @Override
  public String toString() {
    return Shown.of(name) + " " + type + Arrays.toString(dims.toArray());
  }
}
