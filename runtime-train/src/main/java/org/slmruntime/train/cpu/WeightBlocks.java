package org.slmruntime.train.cpu;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.gemm.Matrix;
import org.slmruntime.cpu.vector.RowDecoder;
import org.slmruntime.cpu.vector.RowDecoders;
import org.slmruntime.cpu.vector.RowScratch;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainException;

/**
 * Weights as float32, some rows at a time: trained ones where the caller has them, frozen ones
 * decoded each time that they are needed, so that quantized ones stay as small as they are stored.
 */
final class WeightBlocks {
  /** Floats of a block, unless one row is longer. */
  static final int BLOCK = 1 << 22;

  private final Map<Weight, float[]> trained;
  private final Map<Weight, float[]> vectors = new HashMap<>();
  private final Weights frozen;
  private final Parallel parallel;
  private final float[] decoded;
  private final RowScratch[] scratch;

  WeightBlocks(Graph graph, Map<Weight, float[]> trained, Weights frozen, Parallel parallel) {
    this.trained = trained;
    this.frozen = frozen;
    this.parallel = parallel;
    int floats = 0;
    int columns = 1;
    for (Weight weight : graph.weights()) {
      if (!trained.containsKey(weight)) {
        requireDecoder(weight);
        floats = Math.max(floats, blockRows(weight) * weight.columns());
        columns = Math.max(columns, weight.columns());
      }
    }
    int widest = columns;
    this.decoded = new float[floats];
    this.scratch = new RowScratch[parallel.team().size()];
    Arrays.setAll(scratch, _ -> new RowScratch(widest));
  }

  private void requireDecoder(Weight weight) {
    if (!RowDecoders.supports(frozen.get(weight).type())) {
      throw new TrainException(
          "no decoder for " + weight + " of type " + frozen.get(weight).type());
    }
  }

  /** Rows of a weight that are handled at a time. */
  static int blockRows(Weight weight) {
    return Math.clamp(BLOCK / weight.columns(), 1, weight.rows());
  }

  /** All of a vector. */
  float[] vector(Weight weight) {
    float[] values = trained.get(weight);
    return values != null ? values : vectors.computeIfAbsent(weight, this::decode);
  }

  private float[] decode(Weight weight) {
    float[] values = new float[weight.columns()];
    decode(weight, 0, 1, values);
    return values;
  }

  /** Rows of a matrix, no more than {@link #blockRows}; valid until the next call. */
  Matrix rows(Weight weight, int first, int count) {
    float[] values = trained.get(weight);
    if (values != null) {
      return Matrix.of(values, weight.rows(), weight.columns()).rows(first, count);
    }
    decode(weight, first, count, decoded);
    return Matrix.of(decoded, count, weight.columns());
  }

  /** One row, wherever it is to be put. */
  void row(Weight weight, int row, float[] out, int at, int worker) {
    float[] values = trained.get(weight);
    int columns = weight.columns();
    if (values != null) {
      System.arraycopy(values, row * columns, out, at, columns);
    } else {
      Weights.Stored stored = frozen.get(weight);
      RowDecoder decoder = RowDecoders.of(stored.type());
      long offset = row * stored.type().byteSize(columns);
      decoder.decode(stored.data(), offset, out, at, columns, scratch[worker]);
    }
  }

  private void decode(Weight weight, int first, int count, float[] out) {
    int columns = weight.columns();
    parallel.forEach(
        count,
        columns,
        (from, to, worker) -> {
          for (int r = from; r < to; r++) {
            row(weight, first + r, out, r * columns, worker);
          }
        });
  }
}
