package org.slmruntime.eval;

/**
 * Log-probabilities of rows of logits, in float64 and summed in order of the ids.
 *
 * @param source of the logits, for messages
 * @param vocabulary logits in a row
 */
record LogSoftmax(String source, int vocabulary) {
  /**
   * The logarithm of the sum of a row's exponentials: a logit less this is the token's
   * log-probability.
   *
   * @throws EvaluationException if a logit is no finite number, of which no sum would tell anything
   */
  double normalizer(float[] logits, int offset) {
    float max = Float.NEGATIVE_INFINITY;
    for (int id = 0; id < vocabulary; id++) {
      float logit = logits[offset + id];
      if (!Float.isFinite(logit)) {
        throw new EvaluationException(source + ": its logit of token " + id + " is " + logit);
      }
      max = Math.max(max, logit);
    }
    double sum = 0;
    for (int id = 0; id < vocabulary; id++) {
      sum += Math.exp(logits[offset + id] - (double) max);
    }
    return max + Math.log(sum);
  }

  /** A token's log-probability. */
  double of(float[] logits, int offset, int id) {
    return logits[offset + id] - normalizer(logits, offset);
  }

  /** The id of the greatest logit, the first of several. */
  int top(float[] logits, int offset) {
    int top = 0;
    for (int id = 1; id < vocabulary; id++) {
      if (logits[offset + id] > logits[offset + top]) {
        top = id;
      }
    }
    return top;
  }
}
