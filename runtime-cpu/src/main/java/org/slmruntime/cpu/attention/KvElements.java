package org.slmruntime.cpu.attention;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/**
 * What differs between the element types of the cache. Kernels work with the elements as they are
 * stored: as codes without their scale in Q8_0, divided by 2^112 in F16. Callers make up for it.
 */
sealed interface KvElements permits F32Elements, F16Elements, Q8Elements {
  static KvElements of(DType type) {
    return switch (type) {
      case F32 -> new F32Elements();
      case F16 -> new F16Elements();
      default -> new Q8Elements();
    };
  }

  /** What scores must be multiplied with if queries were multiplied with {@link #queryFactor}. */
  default float scoreFactor() {
    return 1;
  }

  /** What queries are to be multiplied with. */
  default float queryFactor() {
    return 1;
  }

  /** What weights are to be multiplied with before values are. */
  default float weightFactor() {
    return 1;
  }

  /**
   * Four rows of {@code x} times the elements of two vectors' width: {@code out[q][lane] += sum
   * over k of x[q][k] * element[k][lane]}, {@code k} ascending.
   *
   * @param o0 offset of the first vector of words, {@code o1} of the second
   * @param rowBytes from one row of words to the next
   * @param rows rows of words, each {@link KvLayout#perWord} times {@code k}
   */
  void multiply4(
      MemorySegment s,
      long o0,
      long o1,
      int rowBytes,
      int rows,
      float[] x,
      int x0,
      int xStride,
      float[] out,
      int at,
      int outStride);

  /** The same elements as floats, [k][2 vectors] from {@code panel[at]} on. */
  void unpack(MemorySegment s, long o0, long o1, int rowBytes, int rows, float[] panel, int at);

  /**
   * Stores {@code n} elements. Element {@code i} goes into word {@code i / run} of words {@code
   * step} bytes apart, the first of {@code run} into its highest bits.
   *
   * @param scaleAt offset of the first scale; the next ones are {@code scaleStep} bytes apart
   */
  void put(
      float[] from,
      int at,
      int n,
      MemorySegment s,
      long offset,
      int run,
      int step,
      long scaleAt,
      int scaleStep);
}
