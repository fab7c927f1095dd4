package org.slmruntime.train.cpu;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** Arrays of float32 that are used again from step to step. For one thread. */
final class Buffers {
  private final Map<Integer, Deque<float[]>> free = new HashMap<>();
  private int tokens;
  private int outputs;

  /** Lets go of the arrays of the batch before, unless they have the sizes that are wanted now. */
  void begin(int batchTokens, int batchOutputs) {
    if (batchTokens != tokens || batchOutputs != outputs) {
      free.clear();
    }
    tokens = batchTokens;
    outputs = batchOutputs;
  }

  /** Zeros. */
  float[] take(int floats) {
    Deque<float[]> same = free.get(floats);
    if (same == null || same.isEmpty()) {
      return new float[floats];
    }
    float[] array = same.pop();
    Arrays.fill(array, 0);
    return array;
  }

  void giveBack(float[] array) {
    free.computeIfAbsent(array.length, _ -> new ArrayDeque<>()).push(array);
  }
}
