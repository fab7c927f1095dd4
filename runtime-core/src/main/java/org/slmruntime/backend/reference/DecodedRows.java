package org.slmruntime.backend.reference;

import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Weight;
import org.slmruntime.quant.QuantFormat;
import org.slmruntime.quant.QuantFormats;

/** Decodes one row of a stored matrix at a time. */
final class DecodedRows {
  private final Weights.Stored stored;
  private final QuantFormat format;
  private final long rowBytes;
  private final float[] row;

  DecodedRows(Weight weight, Weights.Stored stored) {
    this.stored = stored;
    this.format = QuantFormats.of(stored.type()).orElseThrow();
    this.rowBytes = stored.type().byteSize(weight.columns());
    this.row = new float[weight.columns()];
  }

  /** Row {@code index}; valid until the next call. */
  float[] row(int index) {
    format.decode(stored.data(), index * rowBytes, row, 0, row.length);
    return row;
  }
}
