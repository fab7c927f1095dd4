package org.slmruntime.gpuparity;

import java.util.ArrayList;
import java.util.List;
import org.slmruntime.gpuparity.KernelCase.Output;

/** Attention over a cache that the append kernel has filled. */
final class AttentionCases {
  /** Half-precision products summed in an order of the tensor cores' own. */
  private static final double TENSOR = 1e-4;

  private static final int HEADS = 6;
  private static final int KV_HEADS = 2;

  private AttentionCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (String type : List.of("f32", "f16", "q8_0")) {
      cases.add(decode(type, "any", 40, 24));
      cases.add(decode(type, "64", 64, 64));
      cases.add(decode(type, "128", 128, 128));
      cases.add(decode(type, "256", 256, 256));
    }
    for (String type : List.of("f16", "q8_0")) {
      cases.add(prefill(type, 64));
      cases.add(prefill(type, 128));
    }
    return cases;
  }

  /** Two sequences and a token of padding; window and softcap. */
  private static KernelCase decode(String type, String suffix, int keySize, int valueSize) {
    String kernel = "attention_" + type + "_" + suffix;
    return new KernelCase(
        kernel,
        HEADS + "/" + KV_HEADS + " heads of " + keySize + " and " + valueSize + ", 41 tokens",
        (lab, random) -> {
          DeviceCache cache = DeviceCache.make(lab, type, KV_HEADS, keySize, valueSize, 2, 48);
          cache.fill(lab, 0, 41, random);
          cache.fill(lab, 1, 17, random);
          Attention attention = new Attention(cache, HEADS, 3, 3);
          long q = LinearCases.activations(lab, 3, HEADS * keySize, random);
          long sinks = lab.upload(Draws.normal(HEADS, 1, random));
          long sequences = lab.upload(0, 1, 0);
          long positions = lab.upload(40, 16, -1);
          long y = lab.zeros(4L * 3 * HEADS * valueSize);
          long partial = lab.zeros(attention.partialBytes());
          lab.launch(
              kernel,
              attention.grid(),
              a ->
                  attention
                      .into(a, q, partial)
                      .set("sequences", sequences)
                      .set("positions", positions)
                      .set("softcap", 20f)
                      .set("window", 33));
          lab.launch(
              "attention_combine",
              attention.combineGrid(),
              a -> attention.combine(a, partial, y).set("sinks", sinks));
          return List.of(Output.close("y", lab.read(y, 4L * 3 * HEADS * valueSize)));
        });
  }

  /** A chunk that goes on after others, in two tiles, the second not full. */
  private static KernelCase prefill(String type, int size) {
    String kernel = "attention_prefill_" + type + "_" + size;
    int before = 23;
    int tokens = 70;
    int width = HEADS * size;
    return new KernelCase(
        kernel,
        HEADS + "/" + KV_HEADS + " heads of " + size + ", " + tokens + " after " + before,
        (lab, random) -> {
          DeviceCache cache = DeviceCache.make(lab, type, KV_HEADS, size, size, 1, before + tokens);
          cache.fill(lab, 0, before + tokens, random);
          long q = LinearCases.activations(lab, tokens, width, random);
          long tiles = lab.upload(0, 64, 0, before, 64, tokens - 64, 0, before + 64);
          long sinks = lab.upload(Draws.normal(HEADS, 1, random));
          long y = lab.zeros(4L * tokens * width);
          lab.launch(
              kernel,
              Attention.prefillGrid(2, HEADS),
              a ->
                  cache
                      .into(a)
                      .set("q", q)
                      .set("q_stride", width)
                      .set("tiles", tiles)
                      .set("sinks", sinks)
                      .set("y", y)
                      .set("y_stride", width)
                      .set("heads", HEADS)
                      .set("scale", (float) (1 / Math.sqrt(size)))
                      .set("window", 50));
          return List.of(new Output("y", lab.read(y, 4L * tokens * width), TENSOR));
        });
  }
}
