package org.slmruntime.eval;

import java.nio.file.Path;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.tensor.DType;

/** Log-probabilities by plain loops over all logits of a sequence: the oracle of these tests. */
final class PlainScores {
  static final int CONTEXT = 200;

  private PlainScores() {}

  static ModelOptions options() {
    return ModelOptions.defaults()
        .backend("reference")
        .contextLength(CONTEXT)
        .kvType(DType.F32)
        .notice(_ -> {});
  }

  /** Of every id after every position: [ids x vocabulary]. */
  static double[][] logProbabilities(Path file, int[] ids) {
    double[][] rows = new double[ids.length][];
    try (ModelRunner runner = ModelRunner.open(file, options().maxOutputs(16));
        ModelRunner.Sequence sequence = runner.newSequence()) {
      int vocabulary = runner.model().vocabulary();
      runner.forwardAll(
          sequence,
          ids,
          16,
          (position, logits, offset) -> rows[position] = row(logits, offset, vocabulary));
    }
    return rows;
  }

  private static double[] row(float[] logits, int offset, int vocabulary) {
    double[] row = new double[vocabulary];
    double sum = 0;
    for (int id = vocabulary - 1; id >= 0; id--) {
      sum += Math.exp(logits[offset + id]);
    }
    for (int id = 0; id < vocabulary; id++) {
      row[id] = logits[offset + id] - Math.log(sum);
    }
    return row;
  }
}
