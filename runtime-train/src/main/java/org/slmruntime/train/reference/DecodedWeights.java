package org.slmruntime.train.reference;

import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Weight;
import org.slmruntime.quant.QuantFormat;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.train.TrainException;

/** Stored weights as numbers. */
public final class DecodedWeights {
  private DecodedWeights() {}

  /**
   * All elements of a weight, row by row.
   *
   * @throws TrainException if its format has no decoder or an array cannot hold them
   */
  public static double[] of(Weight weight, Weights weights) {
    Weights.Stored stored = weights.get(weight);
    QuantFormat format =
        QuantFormats.of(stored.type())
            .orElseThrow(
                () -> new TrainException("no decoder for " + weight + " of type " + stored.type()));
    float[] row = new float[weight.columns()];
    long rowBytes = stored.type().byteSize(weight.columns());
    double[] all = new double[Sizes.elements(weight.toString(), weight.rows(), weight.columns())];
    for (int r = 0; r < weight.rows(); r++) {
      format.decode(stored.data(), r * rowBytes, row, 0, row.length);
      for (int c = 0; c < row.length; c++) {
        all[r * row.length + c] = row[c];
      }
    }
    return all;
  }
}
