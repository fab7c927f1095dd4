package org.slmruntime.train.reference;

import org.slmruntime.train.TrainingBatch;

/** Rows chosen by token id or by which tokens count. */
final class Gathering {
  private Gathering() {}

  static void embed(double[] table, TrainingBatch batch, int width, double[] y) {
    for (int t = 0; t < batch.tokenCount(); t++) {
      addRow(table, batch.token(t), y, t, width);
    }
  }

  static void embedGradient(double[] dy, TrainingBatch batch, int width, double[] dTable) {
    for (int t = 0; t < batch.tokenCount(); t++) {
      addRow(dy, t, dTable, batch.token(t), width);
    }
  }

  static void rows(double[] x, TrainingBatch batch, int width, double[] y) {
    for (int r = 0; r < batch.outputCount(); r++) {
      addRow(x, batch.outputToken(r), y, r, width);
    }
  }

  static void rowsGradient(double[] dy, TrainingBatch batch, int width, double[] dx) {
    for (int r = 0; r < batch.outputCount(); r++) {
      addRow(dy, r, dx, batch.outputToken(r), width);
    }
  }

  private static void addRow(double[] from, int fromRow, double[] to, int toRow, int width) {
    for (int i = 0; i < width; i++) {
      to[toRow * width + i] += from[fromRow * width + i];
    }
  }
}
