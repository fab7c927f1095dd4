package org.slmruntime.gpuparity;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.cuda.driver.Grid;

/** The memory's bandwidth, launches that do next to nothing, and the last kernels of a step. */
final class SmallSpeed {
  private final Sizes sizes;

  SmallSpeed(Sizes sizes) {
    this.sizes = sizes;
  }

  /** What other figures are held against: each byte is read and written. */
  Measurement copy(Lab lab) {
    long bytes = sizes.copyBytes();
    long from = lab.zeros(bytes);
    long to = lab.allocate(bytes);
    double micros =
        new Stopwatch(lab, sizes.repeats())
            .time(() -> lab.driver().copyAsync(to, from, bytes, lab.stream()));
    return new Measurement("copy", bytes + " bytes", micros, 2.0 * bytes, 0);
  }

  /** Kernels of one number in a row: by launches and as a graph. */
  List<Measurement> launches(Lab lab) {
    long x = lab.upload(1f);
    Launch launch =
        lab.bind(
            "scale",
            Grid.of(1, 256),
            a ->
                a.set("x", x)
                    .set("x_stride", 1)
                    .set("factor", 1f)
                    .set("y", x)
                    .set("y_stride", 1)
                    .set("width", 1));
    List<Launch> row = Collections.nCopies(sizes.nodes(), launch);
    GpuDriver driver = lab.driver();
    Stopwatch watch = new Stopwatch(lab, sizes.repeats());
    double queued = watch.time(() -> row.forEach(l -> driver.launch(l, lab.stream()))) / row.size();
    double host = Double.MAX_VALUE;
    for (int i = 0; i < sizes.repeats(); i++) {
      long start = System.nanoTime();
      row.forEach(l -> driver.launch(l, lab.stream()));
      host = Math.min(host, (System.nanoTime() - start) / 1e3 / row.size());
      driver.synchronize(lab.stream());
    }
    String shape = row.size() + " in a row";
    return List.of(
        new Measurement("launch on a stream", shape, queued, 0, 0),
        new Measurement("launch on a stream, the host's part", shape, host, 0, 0),
        new Measurement("launch in a graph", shape, watch.graph(row), 0, 0));
  }

  /** Norm of one token, and choosing among the logits of the whole vocabulary. */
  List<Measurement> lastKernels(Lab lab) {
    SplittableRandom random = new SplittableRandom(1);
    int width = sizes.matrices().getLast().columns();
    int vocabulary = sizes.vocabulary();
    long x = LinearCases.activations(lab, 1, width, random);
    long weight = lab.upload(Draws.norm(width, random));
    long y = lab.allocate(4L * width);
    Launch norm =
        lab.bind(
            "rms_norm",
            Grid.of(1, 1, 1, 128),
            a ->
                a.set("x", x)
                    .set("x_stride", width)
                    .set("weight", weight)
                    .set("shared", 1)
                    .set("epsilon", 1e-5f)
                    .set("y", y)
                    .set("y_stride", width)
                    .set("size", width));
    long logits = lab.upload(Draws.normal(vocabulary, 3, random));
    long ids = lab.allocate(4);
    Launch argmax =
        lab.bind(
            "argmax",
            Grid.of(1, 1024),
            a ->
                a.set("logits", logits)
                    .set("logits_stride", vocabulary)
                    .set("vocabulary", vocabulary)
                    .set("ids", ids));
    List<Measurement> found = new ArrayList<>();
    found.add(repeated(lab, "rms_norm", "1 x " + width, norm, 0));
    found.add(repeated(lab, "argmax", "1 x " + vocabulary, argmax, 4.0 * vocabulary));
    return found;
  }

  /** Drawing a token as the command does if it is told nothing. */
  Measurement sample(Lab lab) {
    SplittableRandom random = new SplittableRandom(1);
    int vocabulary = sizes.vocabulary();
    long logits = lab.upload(Draws.normal(vocabulary, 3, random));
    long settings = lab.upload(SamplingCases.settings(1, 0.8f, 0.95f, 0.05f, 40, random));
    long workspace = lab.allocate(8L * vocabulary);
    long ids = lab.allocate(4);
    Launch sample =
        lab.bind(
            "sample",
            Grid.of(1, 1024),
            a ->
                a.set("logits", logits)
                    .set("logits_stride", vocabulary)
                    .set("vocabulary", vocabulary)
                    .set("settings", settings)
                    .set("workspace", workspace)
                    .set("ids", ids));
    String shape = "1 x " + vocabulary + ", top-k 40, top-p 0.95, min-p 0.05";
    return repeated(lab, "sample", shape, sample, 4.0 * vocabulary);
  }

  private Measurement repeated(Lab lab, String kernel, String shape, Launch launch, double bytes) {
    List<Launch> row = Collections.nCopies(sizes.nodes(), launch);
    double micros = new Stopwatch(lab, sizes.repeats()).graph(row);
    return new Measurement(kernel, shape, micros, bytes, 0);
  }
}
