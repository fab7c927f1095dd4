package org.slmruntime.cpu.ops;

import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.Step;
import org.slmruntime.cpu.vector.RowScratch;
import org.slmruntime.cpu.vector.StoredRows;

/** Decodes each token's row of the embedding table. */
public final class EmbedStep implements Step {
  private final StoredRows table;
  private final float[] out;
  private final RowScratch scratch;

  public EmbedStep(StoredRows table, float[] out) {
    this.table = table;
    this.out = out;
    this.scratch = new RowScratch(table.columns());
  }

  @Override
  public void run(StepInput input) {
    for (int t = 0; t < input.tokenCount(); t++) {
      table.decode(input.token(t), out, t * table.columns(), scratch);
    }
  }
}
