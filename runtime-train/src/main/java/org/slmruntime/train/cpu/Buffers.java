package org.slmruntime.train.cpu;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** Arrays of float32 that are used again, from step to step of the same shape. For one thread. */
final class Buffers {
  private final Map<Integer, Deque<float[]>> free = new HashMap<>();
  private int tokens;
  private int outputs;
  private long made;

  /** Begins a batch. Arrays of other shapes would only pile up, so they are let go. */
  void begin(int tokens, int outputs) {
    if (this.tokens != tokens || this.outputs != outputs) {
      this.tokens = tokens;
      this.outputs = outputs;
      free.clear();
      made = 0;
    }
  }

  /** Zeros. */
  float[] take(int floats) {
    Deque<float[]> same = free.get(floats);
    if (same == null || same.isEmpty()) {
      made += floats;
      return new float[floats];
    }
    float[] array = same.pop();
    Arrays.fill(array, 0);
    return array;
  }

  void giveBack(float[] array) {
    free.computeIfAbsent(array.length, _ -> new ArrayDeque<>()).push(array);
  }

  /** Floats of all arrays that were made for batches of the present shape. */
  long made() {
    return made;
  }
}
