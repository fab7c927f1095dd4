package org.slmruntime.benchmarks.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.benchmarks.models.RandomBlocks;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/** Random tensors outside the Java heap, as a mapped file's are, until nobody uses them. */
final class RandomTensors implements Weights {
  private final Map<String, Stored> tensors = new HashMap<>();

  /** Makes a matrix whose products with unit-variance vectors have about unit variance. */
  Weight matrix(String name, int rows, int columns, DType type) {
    Weight weight = Weight.matrix(name, rows, columns);
    return add(weight, type, 1 / Math.sqrt(columns));
  }

  /** Makes rows of unit variance, to be looked up by token. */
  Weight table(String name, int rows, int columns) {
    return add(Weight.matrix(name, rows, columns), DType.F32, 1);
  }

  /** Makes a float32 vector. */
  Weight vector(String name, int length) {
    return add(Weight.vector(name, length), DType.F32, 1);
  }

  private Weight add(Weight weight, DType type, double deviation) {
    MemorySegment data = Arena.ofAuto().allocate(type.byteSize(weight.elements()), 64);
    new RandomBlocks(type, deviation, tensors.size()).fill(data);
    tensors.put(weight.name(), new Stored(type, data));
    return weight;
  }

  @Override
  public Stored get(Weight weight) {
    return tensors.get(weight.name());
  }
}
