package org.slmruntime.benchmarks.kernels;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.slmruntime.benchmarks.kernels.Work.Bound;
import org.slmruntime.sampling.Sampler;
import org.slmruntime.sampling.Sampling;
import org.slmruntime.sampling.TokenChoice;

/** Choosing a token from a whole vocabulary's logits. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SamplingBenchmark {
  /** Which parameters. */
  public enum Kind {
    GREEDY,
    DEFAULTS,
    TOP_P
  }

  @Param public Kind kind;

  Sizes sizes = Sizes.LLAMA_1B;
  private Sampler sampler;
  private float[] logits;

  @Setup
  public void setUp() {
    SplittableRandom random = new SplittableRandom(1);
    logits = new float[sizes.shape().vocabulary()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (3 * random.nextGaussian());
    }
    Sampling sampling =
        switch (kind) {
          case GREEDY -> Sampling.greedy();
          case DEFAULTS -> Sampling.defaults();
          case TOP_P -> Sampling.defaults().topK(0).topP(0.9f).minP(0);
        };
    sampler = new Sampler(sampling.seed(1));
  }

  static Work work(Sizes sizes) {
    return new Work((long) Float.BYTES * sizes.shape().vocabulary(), 0, Bound.NEITHER);
  }

  @Benchmark
  public TokenChoice sample() {
    return sampler.sample(logits, 0, logits.length);
  }
}
