package org.slmruntime.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.slmruntime.format.npy.NpyFile;

/** What {@code slm tokenize} and {@code slm logits} say of a text, as an oracle for what scores. */
final class PlainLogits {
  private PlainLogits() {}

  /** A text's ids, with what begins one. */
  static int[] tokens(Path model, String text) {
    String array = Outcome.of("tokenize", model, "--special", "--", text).succeeded().out();
    return Pattern.compile("\\d+")
        .matcher(array)
        .results()
        .mapToInt(m -> Integer.parseInt(m.group()))
        .toArray();
  }

  /** Of every id after every position: [ids x vocabulary]; on the reference backend. */
  static double[][] logProbabilities(Path model, int[] ids, Path folder) {
    Path out = folder.resolve("logits.npy");
    String list = Arrays.toString(ids).replaceAll("[\\[\\] ]", "");
    Outcome.of(
            "logits",
            model,
            "--ids",
            list,
            "--out",
            out,
            "--kv-type",
            "f32",
            "--backend",
            "reference")
        .succeeded();
    NpyFile file = NpyFile.read(out);
    int vocabulary = file.shape()[1];
    double[][] rows = new double[ids.length][];
    for (int t = 0; t < ids.length; t++) {
      int at = t * vocabulary;
      double[] row = Arrays.copyOfRange(file.values(), at, at + vocabulary);
      double sum = Arrays.stream(row).map(Math::exp).sum();
      rows[t] = Arrays.stream(row).map(logit -> logit - Math.log(sum)).toArray();
    }
    return rows;
  }
}
