package org.slmruntime.gpuparity;

import java.util.ArrayList;
import java.util.List;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.gpuparity.KernelCase.Output;

/** Rotating and appending to the cache. */
final class CacheCases {
  private static final int TOKENS = 4;
  private static final int HEADS = 6;
  private static final int KV_HEADS = 2;

  private CacheCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (String type : List.of("f32", "f16", "q8_0")) {
      cases.add(append(type, 40, 24, 0));
      cases.add(append(type, 128, 128, 1));
    }
    cases.add(angles());
    cases.add(rope(0));
    cases.add(rope(1));
    return cases;
  }

  /** Without norms, so that every bit of the cache is determined; one token is padding. */
  private static KernelCase append(String type, int keySize, int valueSize, int pairing) {
    int pairs = keySize / 2 - 2;
    return new KernelCase(
        "append_" + type,
        HEADS + "+" + KV_HEADS + " heads of " + keySize + " and " + valueSize,
        (lab, random) -> {
          DeviceCache cache = DeviceCache.make(lab, type, KV_HEADS, keySize, valueSize, 2, 40);
          long q = LinearCases.activations(lab, TOKENS, HEADS * keySize, random);
          long k = LinearCases.activations(lab, TOKENS, KV_HEADS * keySize, random);
          long v = LinearCases.activations(lab, TOKENS, KV_HEADS * valueSize, random);
          long angles = LinearCases.activations(lab, TOKENS, 2 * pairs, random);
          long sequences = lab.upload(0, 0, 0, 1);
          long positions = lab.upload(15, 16, -1, 33);
          lab.launch(
              "append_" + type,
              cache.grid(TOKENS, HEADS),
              a ->
                  cache
                      .appended(a, k, v)
                      .set("q", q)
                      .set("q_stride", HEADS * keySize)
                      .set("angles", angles)
                      .set("pairs", pairs)
                      .set("pairing", pairing)
                      .set("heads", HEADS)
                      .set("sequences", sequences)
                      .set("positions", positions));
          // The row of padding may hold anything, so the rows before it are compared.
          return List.of(
              Output.exact("keys", lab.read(cache.keys(), cache.bytesOfKeys())),
              Output.exact("values", lab.read(cache.values(), cache.bytesOfValues())),
              Output.exact("q", lab.read(q, 2L * HEADS * keySize * 4)));
        });
  }

  private static KernelCase angles() {
    int pairs = 30;
    double[] frequencies = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      frequencies[i] = Math.pow(10_000, -i / (double) pairs);
    }
    return new KernelCase(
        "rope_angles",
        "5 tokens, " + pairs + " pairs",
        (lab, _) -> {
          long positions = lab.upload(0, 1, 777, 131_071, 999_999);
          long table = lab.upload(frequencies);
          long angles = lab.zeros(5L * pairs * 8);
          lab.launch(
              "rope_angles",
              Grid.of(5, 128),
              a ->
                  a.set("positions", positions)
                      .set("frequencies", table)
                      .set("magnitude", 1.5f)
                      .set("angles", angles)
                      .set("pairs", pairs));
          return List.of(Output.close("angles", lab.read(angles, 5L * pairs * 8)));
        });
  }

  private static KernelCase rope(int pairing) {
    int size = 72;
    int pairs = 30;
    int width = HEADS * size;
    return new KernelCase(
        "rope",
        HEADS + " heads of " + size + ", pairing " + pairing,
        (lab, random) -> {
          long x = LinearCases.activations(lab, TOKENS, width, random);
          long angles = LinearCases.activations(lab, TOKENS, 2 * pairs, random);
          long y = lab.zeros(4L * TOKENS * width);
          lab.launch(
              "rope",
              Grid.of(TOKENS, 128),
              a ->
                  a.set("x", x)
                      .set("x_stride", width)
                      .set("y", y)
                      .set("y_stride", width)
                      .set("angles", angles)
                      .set("pairs", pairs)
                      .set("pairing", pairing)
                      .set("heads", HEADS)
                      .set("head_size", size));
          return List.of(Output.exact("y", lab.read(y, 4L * TOKENS * width)));
        });
  }
}
