package org.slmruntime.sampling;

/**
 * The tokens still in play, with their logits, most likely first. Arrays are reused; only as many
 * tokens as needed are ever put in order.
 */
final class Candidates {
  int[] tokens = new int[0];
  float[] logits = new float[0];
  double[] probabilities = new double[0];
  int size;

  /** Takes the {@code k} largest logits (ties: lower id first), in descending order. */
  void takeLargest(float[] row, int offset, int vocabulary, int k) {
    ensure(k);
    size = 0;
    for (int id = 0; id < vocabulary; id++) {
      float logit = row[offset + id];
      if (size < k) {
        tokens[size] = id;
        logits[size++] = logit;
        if (size == k) {
          heapify();
        }
      } else if (logit > logits[0]) {
        tokens[0] = id;
        logits[0] = logit;
        sink(0, size);
      }
    }
    if (size < k) {
      heapify();
    }
    for (int last = size - 1; last > 0; last--) {
      swap(0, last);
      sink(0, last);
    }
  }

  /** Fills {@link #probabilities} with the softmax of the logits divided by {@code temperature}. */
  void softmax(double temperature) {
    double total = 0;
    double max = size == 0 ? 0 : logits[0];
    for (int i = 1; i < size; i++) {
      max = Math.max(max, logits[i]);
    }
    for (int i = 0; i < size; i++) {
      probabilities[i] = Math.exp((logits[i] - max) / temperature);
      total += probabilities[i];
    }
    for (int i = 0; i < size; i++) {
      probabilities[i] /= total;
    }
  }

  private void ensure(int capacity) {
    if (tokens.length < capacity) {
      tokens = new int[capacity];
      logits = new float[capacity];
      probabilities = new double[capacity];
    }
  }

  /** Makes a heap with the least preferred on top. */
  private void heapify() {
    for (int i = size / 2 - 1; i >= 0; i--) {
      sink(i, size);
    }
  }

  private void sink(int start, int end) {
    int at = start;
    while (2 * at + 1 < end) {
      int child = 2 * at + 1;
      if (child + 1 < end && worse(child + 1, child)) {
        child++;
      }
      if (!worse(child, at)) {
        return;
      }
      swap(at, child);
      at = child;
    }
  }

  private boolean worse(int a, int b) {
    return logits[a] < logits[b] || logits[a] == logits[b] && tokens[a] > tokens[b];
  }

  void swap(int a, int b) {
    int token = tokens[a];
    tokens[a] = tokens[b];
    tokens[b] = token;
    float logit = logits[a];
    logits[a] = logits[b];
    logits[b] = logit;
    double probability = probabilities[a];
    probabilities[a] = probabilities[b];
    probabilities[b] = probability;
  }
}
