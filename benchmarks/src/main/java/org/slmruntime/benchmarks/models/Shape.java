package org.slmruntime.benchmarks.models;

import java.util.List;
import org.slmruntime.benchmarks.BenchmarkException;

/**
 * The dimensions of a decoder-only model whose embedding and output are one matrix.
 *
 * @param architecture as GGUF names it
 * @param width of the residual stream
 * @param inner width of the feed-forward layers
 * @param bias whether queries, keys and values have biases
 */
public record Shape(
    String name,
    String architecture,
    int layers,
    int width,
    int inner,
    int heads,
    int kvHeads,
    int vocabulary,
    double ropeBase,
    double epsilon,
    boolean bias) {
  /** Llama-3.2-1B. */
  public static final Shape LLAMA_1B =
      new Shape("llama-3.2-1b", "llama", 16, 2048, 8192, 32, 8, 128_256, 500_000, 1e-5, false);

  private static final Shape QWEN_HALF_B =
      new Shape("qwen2.5-0.5b", "qwen2", 24, 896, 4864, 14, 2, 151_936, 1_000_000, 1e-6, true);
  private static final Shape SMOL_135M =
      new Shape("smollm2-135m", "llama", 30, 576, 1536, 9, 3, 49_152, 100_000, 1e-5, false);

  /** The shapes that are compared. */
  public static final List<Shape> ALL = List.of(LLAMA_1B, QWEN_HALF_B, SMOL_135M);

  /** The shape with this name. */
  public static Shape named(String name) {
    return ALL.stream()
        .filter(shape -> shape.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new BenchmarkException(
                    "there is no model \""
                        + name
                        + "\"; known are "
                        + String.join(", ", ALL.stream().map(Shape::name).toList())));
  }

  /** Width of one head. */
  public int headSize() {
    return width / heads;
  }

  /** Width of a token's keys, and of its values. */
  public int kvWidth() {
    return headSize() * kvHeads;
  }

  /** The same with fewer layers and tokens: what a test can write. */
  public Shape reduced(int fewerLayers, int fewerTokens) {
    return new Shape(
        name,
        architecture,
        fewerLayers,
        width,
        inner,
        heads,
        kvHeads,
        fewerTokens,
        ropeBase,
        epsilon,
        bias);
  }

  @Override
  public String toString() {
    return name;
  }
}
