package org.slmruntime.benchmarks.kernels;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.tensor.DType;

/**
 * What a benchmark found.
 *
 * @param seconds of one invocation
 * @param allocatedBytes in the Java heap per invocation, by all threads
 * @param allocationRate in MB/s
 */
record KernelResult(
    String name, Work work, double seconds, double allocatedBytes, double allocationRate) {
  /**
   * JMH itself allocates some kilobytes a second, which a slow benchmark shows as hundreds of bytes
   * per invocation; a kernel whose vectors are boxed allocates gigabytes a second, and one object
   * per step shows in a fast benchmark.
   */
  private static final double FEW_BYTES = 64;

  private static final double FEW_MEGABYTES_PER_SECOND = 0.25;

  /** Reads JMH's result. */
  static KernelResult of(RunResult result, Sizes sizes) {
    BenchmarkParams params = result.getParams();
    double score = result.getPrimaryResult().getScore();
    double seconds = score * params.getTimeUnit().toNanos(1) / 1e9;
    return new KernelResult(
        name(params),
        work(params, sizes),
        seconds,
        secondary(result, "gc.alloc.rate.norm"),
        secondary(result, "gc.alloc.rate"));
  }

  private static double secondary(RunResult result, String label) {
    if (!result.getSecondaryResults().containsKey(label)) {
      throw new BenchmarkException("JMH did not tell " + label);
    }
    return result.getSecondaryResults().get(label).getScore();
  }

  private static String name(BenchmarkParams params) {
    String method = params.getBenchmark().replaceAll(".*\\.", "");
    String values =
        params.getParamsKeys().stream()
            .sorted()
            .map(params::getParam)
            .collect(Collectors.joining(" "));
    return method + " " + values;
  }

  private static Work work(BenchmarkParams params, Sizes sizes) {
    String benchmark = params.getBenchmark().replaceAll(".*\\.", "");
    return switch (benchmark) {
      case "linear" ->
          LinearBenchmark.work(sizes, type(params, "format"), integer(params, "tokens"));
      case "attention" -> AttentionBenchmark.work(sizes, type(params, "cache"));
      case "pointwise" ->
          PointwiseBenchmark.work(
              sizes,
              PointwiseBenchmark.Kind.valueOf(params.getParam("kind")),
              integer(params, "tokens"));
      case "sample" -> SamplingBenchmark.work(sizes);
      default -> throw new IllegalStateException("nobody knows the work of " + benchmark);
    };
  }

  private static DType type(BenchmarkParams params, String name) {
    return DType.valueOf(params.getParam(name));
  }

  private static int integer(BenchmarkParams params, String name) {
    return Integer.parseInt(params.getParam(name));
  }

  /** Whether more is allocated than measuring explains. */
  boolean allocates() {
    return allocatedBytes > FEW_BYTES && allocationRate > FEW_MEGABYTES_PER_SECOND;
  }

  /** The share of the machine's limit that it reaches, if it has one. */
  private String share(Peaks peaks) {
    return switch (work.bound()) {
      case MEMORY -> percent(work.gigabytesPerSecond(seconds) / peaks.readGigabytes());
      case ARITHMETIC -> percent(work.gigaflops(seconds) / peaks.gigaflops());
      case NEITHER -> "";
    };
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }

  /** A Markdown table of all, below the limits that the shares refer to. */
  static String table(List<KernelResult> rows, Peaks peaks) {
    String head =
        String.format(
            Locale.ROOT,
            """

            %d threads, %d-bit vectors: memory is read at %.1f GB/s, multiply-adds run at %.0f GFLOP/s

            | benchmark | time | GB/s | GFLOP/s | share of the limit | allocated |
            |---|---|---|---|---|---|
            """,
            peaks.threads(),
            peaks.bits(),
            peaks.readGigabytes(),
            peaks.gigaflops());
    return rows.stream().map(row -> row.line(peaks)).collect(Collectors.joining("", head, ""));
  }

  private String line(Peaks peaks) {
    double flops = work.gigaflops(seconds);
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.1f | %s | %s | %.0f B |%n",
        name,
        time(),
        work.gigabytesPerSecond(seconds),
        flops == 0 ? "" : String.format(Locale.ROOT, "%.1f", flops),
        share(peaks),
        allocatedBytes);
  }

  private String time() {
    return seconds < 1e-3
        ? String.format(Locale.ROOT, "%.1f \u00b5s", seconds * 1e6)
        : String.format(Locale.ROOT, "%.2f ms", seconds * 1e3);
  }
}
