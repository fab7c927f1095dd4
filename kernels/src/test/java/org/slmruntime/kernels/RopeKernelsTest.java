package org.slmruntime.kernels;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slmruntime.ptx.Dim3;

class RopeKernelsTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @Test
  void turnsByPositionTimesFrequencyUpToMillionsOfPositions() {
    int[] positions = {0, 1, 2, 17, 4095, random.nextInt(1_000_000), 1_000_000, 12_345_678};
    double[] frequencies = new double[150];
    for (int i = 0; i < frequencies.length; i++) {
      // Exact multiples of an eighth of a turn are where the reduction could choose either side.
      frequencies[i] = i < 8 ? Math.PI / 4 * i : Math.pow(1e-6, random.nextDouble());
    }
    float magnitude = 0.5f + random.nextFloat();
    try (KernelLab lab = new KernelLab(seed)) {
      long out = lab.allocate(8L * positions.length * frequencies.length);
      lab.launch(
          "rope_angles",
          Dim3.of(positions.length),
          Dim3.of(128),
          lab.upload(positions),
          lab.upload(frequencies),
          magnitude,
          out,
          frequencies.length);
      int width = 2 * frequencies.length;
      float[] angles = lab.floats(out, positions.length * width);
      new Rows(angles, positions.length, width, width)
          .check(
              (row, i) -> {
                double angle = positions[row] * frequencies[i / 2];
                return magnitude * (i % 2 == 0 ? Math.cos(angle) : Math.sin(angle));
              },
              0,
              1e-6,
              "rope_angles, seed " + seed);
    }
  }

  @Test
  void givesPaddingSomethingFinite() {
    try (KernelLab lab = new KernelLab(seed)) {
      long out = lab.allocate(8);
      lab.launch(
          "rope_angles",
          Dim3.of(1),
          Dim3.of(128),
          lab.upload(-1),
          lab.upload(random.nextDouble()),
          1f,
          out,
          1);
      new Rows(lab.floats(out, 2), 1, 2, 2).check((row, i) -> 0, 0, 1.001, "padding, seed " + seed);
    }
  }

  @ParameterizedTest
  @CsvSource({"64, 32, 0", "64, 32, 1", "80, 16, 0", "80, 16, 1", "7, 3, 0", "9, 2, 1", "5, 0, 0"})
  void rotatesThePairsOfEveryHeadAndLeavesTheRest(int size, int pairs, int pairing) {
    int heads = 1 + random.nextInt(5);
    rotate(size, pairs, pairing, heads, false);
    rotate(size, pairs, pairing, heads, true);
  }

  private void rotate(int size, int pairs, int pairing, int heads, boolean inPlace) {
    int tokens = 3;
    Rows x = Rows.random(random, tokens, heads * size, 1);
    Rows y = inPlace ? x : Rows.empty(random, tokens, heads * size);
    float[] angles = Rotation.angles(random, tokens, pairs);
    try (KernelLab lab = new KernelLab(seed)) {
      long in = lab.upload(x.values());
      long out = inPlace ? in : lab.upload(y.values());
      lab.launch(
          "rope",
          Dim3.of(tokens),
          Dim3.of(128),
          in,
          x.stride(),
          out,
          y.stride(),
          lab.upload(angles),
          pairs,
          pairing,
          heads,
          size);
      Rotation rotation = new Rotation(angles, pairs, pairing);
      y.with(lab.floats(out, y.values().length))
          .check(
              (row, i) -> {
                int start = i / size * size;
                return rotation.at(row, i - start, j -> x.at(row, start + j));
              },
              1e-6,
              1e-6,
              "rope of " + size + " in " + heads + " heads, seed " + seed);
    }
  }
}
