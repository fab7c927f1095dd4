package org.slmruntime.testkit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Weight;
import org.slmruntime.quant.QuantEncoder;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/** Tensors of normally distributed numbers in any format that can be encoded. */
public final class RandomWeights implements Weights {
  private final RandomGenerator random;
  private final Map<String, Stored> tensors = new HashMap<>();

  public RandomWeights(RandomGenerator random) {
    this.random = random;
  }

  /** Makes a matrix whose products with unit-variance vectors have about unit variance. */
  public Weight matrix(String name, int rows, int columns, DType type) {
    return make(Weight.matrix(name, rows, columns), type, (float) (1 / Math.sqrt(columns)), 0);
  }

  /** Makes a float32 vector around {@code mean}. */
  public Weight vector(String name, int length, float mean) {
    return make(Weight.vector(name, length), DType.F32, 0.2f, mean);
  }

  private Weight make(Weight weight, DType type, float deviation, float mean) {
    int count = Math.toIntExact(weight.elements());
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = mean + deviation * (float) random.nextGaussian();
    }
    // Outside the Java heap, as mapped files are.
    MemorySegment data = Arena.ofAuto().allocate(type.byteSize(count), 64);
    QuantEncoder encoder = QuantFormats.encoder(type).orElseThrow();
    encoder.encode(values, 0, count, data, 0);
    tensors.put(weight.name(), new Stored(type, data));
    return weight;
  }

  @Override
  public Stored get(Weight weight) {
    Stored whole = tensors.get(weight.name());
    long offset = whole.type().byteSize(weight.offset());
    long size = whole.type().byteSize(weight.elements());
    return new Stored(whole.type(), whole.data().asSlice(offset, size));
  }
}
