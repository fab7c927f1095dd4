package org.slmruntime.benchmarks.training;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.benchmarks.kernels.Peaks;
import org.slmruntime.benchmarks.models.Shape;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Weight;
import org.slmruntime.natives.Machine;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.cpu.Activations;
import org.slmruntime.train.cpu.CpuTrainer;
import org.slmruntime.train.gradient.BackwardProgram;
import org.slmruntime.train.optimizer.AdamW;
import org.slmruntime.train.optimizer.Gradients;

/** Times the parts of training steps and says what share of the machine they reach. */
public final class Training {
  /** The demo model's shape. */
  private static final Shape DEMO =
      new Shape("demo", "llama", 6, 192, 512, 6, 2, 2048, 10_000, 1e-5, false);

  private static final String USAGE =
      """
      Usage: benchmarks/training [THREADS]
        16 sequences of 256 tokens a step, in batches of 4, of a model 192 wide with 6 layers; with and
        without recomputation of activations. THREADS: one per physical core unless given.""";

  private final Shape shape;
  private final int length;
  private final int sequences;
  private final int batches;
  private final int warmUp;
  private final int steps;

  /** Times of a step's parts in milliseconds, or their medians. */
  record Times(double gradients, double clipping, double moving) {}

  /**
   * @param length tokens of a sequence
   * @param sequences of a batch
   * @param batches of a step
   * @param warmUp steps that are not timed
   * @param steps that are
   */
  Training(Shape shape, int length, int sequences, int batches, int warmUp, int steps) {
    this.shape = shape;
    this.length = length;
    this.sequences = sequences;
    this.batches = batches;
    this.warmUp = warmUp;
    this.steps = steps;
  }

  /** Exit code 0: done; 2: usage. */
  public static void main(String[] args) {
    System.exit(run(List.of(args), System.out, System.err));
  }

  static int run(List<String> args, PrintStream out, PrintStream err) {
    if (args.size() > 1 || args.stream().anyMatch(arg -> !arg.matches("[1-9][0-9]{0,3}"))) {
      err.println(USAGE);
      return 2;
    }
    int threads = args.isEmpty() ? Machine.probe().cores() : Integer.parseInt(args.getFirst());
    Training training = new Training(DEMO, 256, 4, 4, 20, 20);
    Peaks peaks = Peaks.measure(threads);
    Map<Activations, Times> times = new LinkedHashMap<>();
    for (Activations activations : Activations.values()) {
      times.put(activations, training.measure(activations, threads));
    }
    out.print(training.table(times, peaks.better(Peaks.measure(threads))));
    return 0;
  }

  /** Medians over the steps. */
  Times measure(Activations activations, int threads) {
    Graph graph = Decoder.graph(shape);
    Map<Weight, float[]> weights = Decoder.weights(graph, 1);
    BackwardProgram program = BackwardProgram.of(graph, graph.weights());
    List<Times> all = new ArrayList<>();
    try (CpuTrainer trainer =
        new CpuTrainer(program, weights, Training::refuse, activations, threads)) {
      Gradients gradients = new Gradients(weights.keySet());
      Map<Weight, AdamW.Moments> moments = new LinkedHashMap<>();
      weights.forEach((w, values) -> moments.put(w, AdamW.Moments.zeros(values.length)));
      for (int step = 1; step <= warmUp + steps; step++) {
        all.add(step(trainer, step, weights, gradients, moments));
      }
    }
    return median(all.subList(warmUp, all.size()));
  }

  private static Weights.Stored refuse(Weight weight) {
    throw new BenchmarkException(weight + " is trained and not read from a file");
  }

  private Times step(
      CpuTrainer trainer,
      int step,
      Map<Weight, float[]> weights,
      Gradients gradients,
      Map<Weight, AdamW.Moments> moments) {
    AdamW optimizer = new AdamW(0.9, 0.95, 1e-8, 0.1);
    List<TrainingBatch> drawn = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      drawn.add(batch(new Random(31L * step + i)));
    }
    long start = System.nanoTime();
    gradients.clear();
    for (TrainingBatch batch : drawn) {
      trainer.step(batch, 1.0 / tokens(), gradients.all());
    }
    long computed = System.nanoTime();
    gradients.clip(1);
    long clipped = System.nanoTime();
    weights.forEach(
        (w, values) ->
            optimizer.update(values, gradients.of(w), moments.get(w), step, 1e-3, w.rows() > 1));
    long moved = System.nanoTime();
    return new Times((computed - start) / 1e6, (clipped - computed) / 1e6, (moved - clipped) / 1e6);
  }

  private TrainingBatch batch(Random random) {
    TrainingBatch.Builder batch = TrainingBatch.builder();
    for (int i = 0; i < sequences; i++) {
      batch.text(random.ints(length + 1L, 0, shape.vocabulary()).toArray());
    }
    return batch.build();
  }

  private long tokens() {
    return (long) batches * sequences * length;
  }

  private static Times median(List<Times> all) {
    return new Times(
        middle(all.stream().map(Times::gradients).toList()),
        middle(all.stream().map(Times::clipping).toList()),
        middle(all.stream().map(Times::moving).toList()));
  }

  private static double middle(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  /**
   * Operations that a step cannot do without: two for each weight of a matrix and token, forward
   * and for each of two gradients, and in attention two products of each query and key and four of
   * their gradients.
   */
  long operations() {
    long layer = 2L * shape.width() * (shape.width() + shape.kvWidth());
    layer += 3L * shape.width() * shape.inner();
    long matrices = shape.layers() * layer + (long) shape.vocabulary() * shape.width();
    long pairs = batches * sequences * ((long) length * (length + 1) / 2);
    return 3 * 2 * matrices * tokens() + 6 * 2 * pairs * shape.width() * shape.layers();
  }

  /** A Markdown table. */
  String table(Map<Activations, Times> times, Peaks peaks) {
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(
            Locale.ROOT,
            """
            %d threads, %d-bit vectors: multiply-adds run at %.0f GFLOP/s

            | activations | gradients | clipping | AdamW | tokens/s | GFLOP/s | share of the limit |
            |---|---|---|---|---|---|---|
            """,
            peaks.threads(),
            peaks.bits(),
            peaks.gigaflops()));
    times.forEach((activations, t) -> table.append(line(activations, t, peaks)));
    return table.toString();
  }

  private String line(Activations activations, Times t, Peaks peaks) {
    double seconds = (t.gradients + t.clipping + t.moving) / 1e3;
    double gigaflops = operations() / seconds / 1e9;
    return String.format(
        Locale.ROOT,
        "| %s | %.1f ms | %.1f ms | %.1f ms | %.0f | %.0f | %.0f %% |%n",
        activations,
        t.gradients,
        t.clipping,
        t.moving,
        tokens() / seconds,
        gigaflops,
        100 * gigaflops / peaks.gigaflops());
  }
}
