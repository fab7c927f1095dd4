package org.slmruntime.benchmarks.models;

import java.util.Arrays;
import java.util.Locale;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.tensor.DType;

/** Which format each matrix of a file has: as llama.cpp's quantizer chooses. */
public enum Mix {
  F16(DType.F16, 1),
  Q8_0(DType.Q8_0, 7),
  Q4_0(DType.Q4_0, 2),
  Q4_K_M(DType.Q4_K, 15);

  private final DType most;
  private final int fileType;

  Mix(DType most, int fileType) {
    this.most = most;
    this.fileType = fileType;
  }

  /** The mix with this name, in upper or lower case. */
  public static Mix named(String name) {
    return Arrays.stream(values())
        .filter(mix -> mix.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new BenchmarkException(
                    "there is no format \"" + name + "\"; known are " + Arrays.toString(values())));
  }

  /** The number that {@code general.file_type} has for it. */
  int fileType() {
    return fileType;
  }

  /** The format of the embedding that is also the output. */
  DType embedding(int columns) {
    boolean small = this == Q4_0 || this == Q4_K_M;
    return fitting(small ? DType.Q6_K : most, columns);
  }

  /** The format of most matrices. */
  DType matrix(int columns) {
    return fitting(most, columns);
  }

  /** The format of the matrices that suffer most from few bits: values and the way down. */
  DType sensitive(int layer, int layers, int columns) {
    boolean more = this == Q4_K_M && usesMoreBits(layer, layers);
    return fitting(more ? DType.Q6_K : most, columns);
  }

  /** The first and last eighth of the layers, and every third between. */
  private static boolean usesMoreBits(int layer, int layers) {
    return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
  }

  /** Rows that are no whole number of blocks of 256 take a format with blocks of 32. */
  private static DType fitting(DType type, int columns) {
    if (columns % type.blockElements() == 0) {
      return type;
    }
    return switch (type) {
      case Q4_K -> DType.Q5_0;
      case Q6_K -> DType.Q8_0;
      default ->
          throw new BenchmarkException("rows of " + columns + " are no whole " + type + " blocks");
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
