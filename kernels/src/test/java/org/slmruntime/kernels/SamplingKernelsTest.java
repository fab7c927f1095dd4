package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.ptx.Counters;
import org.slmruntime.ptx.Dim3;
import org.slmruntime.ptx.PtxException;
import org.slmruntime.ptx.PtxOptions;
import org.slmruntime.sampling.Sampler;
import org.slmruntime.sampling.Sampling;

class SamplingKernelsTest {
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  private String what(Object what) {
    return what + ", seed " + seed;
  }

  /** Logits as models have them, sometimes with few distinct values, sometimes with bans. */
  private float[] logits(int vocabulary) {
    double spread = Math.pow(10, 2 * random.nextDouble() - 1);
    boolean coarse = random.nextInt(3) == 0;
    int banned = random.nextInt(3) == 0 ? 2 + random.nextInt(5) : Integer.MAX_VALUE;
    float[] logits = new float[vocabulary];
    for (int i = 0; i < vocabulary; i++) {
      double logit = spread * random.nextGaussian();
      logits[i] = (float) (coarse ? Math.rint(logit * 4) / 4 : logit);
      logits[i] = i > 0 && random.nextInt(banned) == 0 ? -INFINITY : logits[i];
    }
    return logits;
  }

  private Draw draw() {
    float temperature = random.nextInt(8) == 0 ? 100 : 0.05f + 2 * random.nextFloat();
    int topK = random.nextInt(3) == 0 ? 0 : 1 << random.nextInt(12);
    topK += topK > 1 ? random.nextInt(topK) : 0;
    float topP = random.nextBoolean() ? 1 : 0.001f + 0.998f * random.nextFloat();
    float minP = random.nextBoolean() ? 0 : (float) Math.pow(10, -4 * random.nextDouble());
    return new Draw(temperature, topK, topP, minP, uniform());
  }

  private float uniform() {
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> 1 - 0x1p-24f;
      default -> random.nextInt(1 << 24) * 0x1p-24f;
    };
  }

  private static int[] argmax(KernelLab lab, Rows rows) {
    long ids = lab.allocate(4L * rows.rows());
    lab.launch(
        "argmax",
        Dim3.of(rows.rows()),
        Dim3.of(1024),
        lab.upload(rows.values()),
        rows.stride(),
        rows.width(),
        ids);
    return lab.ints(ids, rows.rows());
  }

  private static int[] sample(KernelLab lab, Rows rows, List<Draw> draws) {
    int[] settings = new int[rows.rows() * Draw.WORDS];
    for (int row = 0; row < rows.rows(); row++) {
      draws.get(row).put(settings, row);
    }
    long ids = lab.allocate(4L * rows.rows());
    lab.launch(
        "sample",
        Dim3.of(rows.rows()),
        Dim3.of(1024),
        lab.upload(rows.values()),
        rows.stride(),
        rows.width(),
        lab.upload(settings),
        lab.allocate(8L * rows.rows() * rows.width()),
        ids);
    return lab.ints(ids, rows.rows());
  }

  private Rows rows(List<float[]> logits) {
    int width = logits.getFirst().length;
    return Rows.of(logits.size(), width, width + random.nextInt(5), (row, i) -> logits.get(row)[i]);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 33, 1023, 1025, 9000})
  void findsTheLowestOfTheLargestLogits(int vocabulary) {
    List<float[]> logits = List.of(logits(vocabulary), logits(vocabulary), logits(vocabulary));
    int[] wanted = logits.stream().mapToInt(row -> Draw.sorted(row)[0]).toArray();
    try (KernelLab lab = new KernelLab(seed)) {
      assertArrayEquals(wanted, argmax(lab, rows(logits)), what(vocabulary));
    }
  }

  @Test
  void breaksTiesBetweenBothZerosById() {
    float[] logits = new float[2000];
    Arrays.fill(logits, -1);
    logits[700] = -0f;
    logits[1500] = 0;
    try (KernelLab lab = new KernelLab(seed)) {
      assertArrayEquals(new int[] {700}, argmax(lab, rows(List.of(logits))), what("zeros"));
    }
  }

  @Test
  void reportsLogitsThatAreOfNoUse() {
    int vocabulary = 1500;
    float[] nan = logits(vocabulary);
    nan[3] = INFINITY;
    nan[1400] = Float.intBitsToFloat(0xffc00001);
    nan[1300] = Float.NaN;
    float[] infinite = logits(vocabulary);
    infinite[77] = INFINITY;
    float[] banned = new float[vocabulary];
    Arrays.fill(banned, -INFINITY);
    int[] wanted = {-1 - 1300, -1 - 77, -1};
    Rows rows = rows(List.of(nan, infinite, banned));
    try (KernelLab lab = new KernelLab(seed)) {
      assertArrayEquals(wanted, argmax(lab, rows), what("argmax"));
      List<Draw> draws = List.of(draw(), draw(), draw());
      assertArrayEquals(wanted, sample(lab, rows, draws), what(draws));
    }
  }

  @Test
  void takesTheLargestAtTemperatureZero() {
    float[] logits = logits(3000);
    Draw draw = new Draw(0, 40, 0.9f, 0.1f, 0.999f);
    try (KernelLab lab = new KernelLab(seed)) {
      int[] ids = sample(lab, rows(List.of(logits)), List.of(draw));
      assertArrayEquals(new int[] {Draw.sorted(logits)[0]}, ids, what(draw));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 40, 1024, 1025, 3000})
  void drawsAsTheDefinitionsSay(int vocabulary) {
    for (int round = 0; round < 4; round++) {
      check(PtxOptions.checked(seed), vocabulary, 8);
    }
  }

  @Test
  void drawsFromVocabulariesOfEverySize() {
    check(PtxOptions.fast(), 32_000 + random.nextInt(1000), 4);
    check(PtxOptions.fast(), 262_144, 1);
  }

  private void check(PtxOptions options, int vocabulary, int count) {
    List<float[]> logits = new ArrayList<>();
    List<Draw> draws = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      logits.add(logits(vocabulary));
      draws.add(draw());
    }
    try (KernelLab lab = new KernelLab(options)) {
      int[] ids = sample(lab, rows(logits), draws);
      for (int row = 0; row < count; row++) {
        int[] sorted = Draw.sorted(logits.get(row));
        assertTrue(
            draws.get(row).allows(ids[row], logits.get(row), sorted),
            what(draws.get(row) + " of " + vocabulary + " in row " + row + " gave " + ids[row]));
      }
    }
  }

  @Test
  void drawsFromAFlatVocabularyInOrderOfIds() {
    int vocabulary = 5000;
    float[] flat = new float[vocabulary];
    Arrays.fill(flat, 3.5f);
    List<Draw> draws =
        List.of(
            new Draw(0.7f, 0, 1, 0, 0.5f),
            new Draw(0.7f, 10, 1, 0, 0.55f),
            new Draw(0.7f, 0, 0.5f, 1, 0.9999f),
            new Draw(0.7f, 3000, 0.5f, 0, 0.0009f));
    try (KernelLab lab = new KernelLab(seed)) {
      int[] ids = sample(lab, rows(List.of(flat, flat, flat, flat)), draws);
      assertArrayEquals(new int[] {2500, 5, 2499, 1}, ids, what("flat"));
    }
  }

  /** The host's sampler, whose random numbers are known from its seed, says the same. */
  @Test
  void choosesWhatTheHostsSamplerChooses() {
    int vocabulary = 1200;
    List<float[]> logits = new ArrayList<>();
    List<Draw> draws = new ArrayList<>();
    for (int row = 0; row < 16; row++) {
      logits.add(logits(vocabulary));
      Draw draw = draw();
      float uniform = (float) new SplittableRandom(seed + row).nextDouble();
      draws.add(
          new Draw(
              draw.temperature(),
              draw.topK(),
              draw.topP(),
              draw.minP(),
              Math.min(uniform, 1 - 0x1p-24f)));
    }
    try (KernelLab lab = new KernelLab(seed)) {
      int[] ids = sample(lab, rows(logits), draws);
      int same = 0;
      for (int row = 0; row < ids.length; row++) {
        Draw draw = draws.get(row);
        int host = host(draw, seed + row, logits.get(row));
        int[] sorted = Draw.sorted(logits.get(row));
        assertTrue(
            draw.allows(host, logits.get(row), sorted), what(draw + " on the host: " + host));
        assertTrue(draw.allows(ids[row], logits.get(row), sorted), what(draw + ": " + ids[row]));
        same += host == ids[row] ? 1 : 0;
      }
      assertTrue(same >= ids.length - 2, what(same + " of " + ids.length + " the same"));
    }
  }

  private static int host(Draw draw, long seed, float[] logits) {
    Sampling sampling =
        Sampling.defaults()
            .temperature(draw.temperature())
            .topK(draw.topK())
            .topP(draw.topP())
            .minP(draw.minP())
            .seed(seed);
    return new Sampler(sampling).sample(logits, 0, logits.length).token();
  }

  @Test
  void chooseTheSameInEveryOrderOfExecution() {
    Rows rows = rows(List.of(logits(2500), logits(2500)));
    List<Draw> draws = List.of(draw(), draw());
    int[] first = null;
    for (long order = 0; order < 3; order++) {
      try (KernelLab lab = new KernelLab(seed + order)) {
        int[] ids = sample(lab, rows, draws);
        assertArrayEquals(first == null ? ids : first, ids, what(draws));
        first = ids;
      }
    }
  }

  /** The row is most of the traffic; only flat distributions may take more than two passes. */
  @Test
  void readsTheRowOnceForTheLargestAndTwiceForADraw() {
    int vocabulary = 32_768;
    float[] logits = Rows.random(random, 1, vocabulary, 4).values();
    long sectors = 4L * vocabulary / 32;
    try (KernelLab lab = new KernelLab(PtxOptions.fast())) {
      long row = lab.upload(logits);
      long ids = lab.allocate(4);
      Counters argmax =
          lab.launch("argmax", Dim3.of(1), Dim3.of(1024), row, vocabulary, vocabulary, ids);
      assertEquals(sectors, argmax.globalLoadSectors(), what("argmax"));
      int[] settings = new int[Draw.WORDS];
      new Draw(0.8f, 40, 0.95f, 0.05f, random.nextFloat()).put(settings, 0);
      long workspace = lab.allocate(8L * vocabulary);
      Counters draw =
          lab.launch(
              "sample",
              Dim3.of(1),
              Dim3.of(1024),
              row,
              vocabulary,
              vocabulary,
              lab.upload(settings),
              workspace,
              ids);
      // Beside the row, some 700 ranks of 8 bytes in each pass of four searches.
      assertTrue(
          draw.globalLoadSectors() < 2 * sectors + 4 * 6 * 1000 * 8 / 32, what("sample: " + draw));
      assertEquals(0, draw.localAccesses(), what("sample"));
    }
  }

  @Test
  void missesNoneOfItsBarriers() {
    String ptx = KernelLab.ptx("sampling");
    String body = ptx.substring(ptx.indexOf(".entry sample("));
    int end = body.indexOf("\n}");
    List<MatchResult> barriers =
        Pattern.compile("bar\\.sync").matcher(body.substring(0, end)).results().toList();
    assertTrue(barriers.size() >= 6, "the barriers were not found");
    for (MatchResult barrier : barriers) {
      int at = ptx.length() - body.length() + barrier.start();
      failsWith(ptx.substring(0, at) + "//" + ptx.substring(at));
    }
  }

  private void failsWith(String ptx) {
    Rows rows = rows(List.of(logits(1100)));
    List<Draw> draws = List.of(new Draw(1, 0, 1, 0, 0.3f));
    try (KernelLab lab = new KernelLab(seed)) {
      lab.replace("sampling", ptx);
      assertThrows(
          PtxException.class, () -> sample(lab, rows, draws), what("a barrier is not needed"));
    }
  }
}
