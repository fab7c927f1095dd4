package org.slmruntime.benchmarks.kernels;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.natives.Machine;

/** Runs the benchmarks whose names match and prints what share of the machine each reaches. */
public final class Kernels {
  private static final String USAGE =
      """
      Usage: benchmarks/kernels [FILTER] [-p NAME=VALUE,...]... [--threads N] [--check]
        FILTER     part of a benchmark's name: linear, attention, pointwise, sample (default: all)
        -p         only these values of a parameter, e.g. format=Q4_0,Q8_0 or tokens=1
        --threads  of the backend (default: one per physical core)
        --check    fail if a benchmark allocates
      SLM_JAVA_OPTS adds JVM flags, e.g. -XX:UseAVX=2 for the 256-bit width.""";

  private final List<String[]> parameters = new ArrayList<>();
  private String filter = "";
  private int threads = Machine.probe().cores();
  private boolean check;

  private Kernels() {}

  /** Exit code 0: done; 1: failed, or a benchmark allocates under {@code --check}; 2: usage. */
  public static void main(String[] args) {
    System.exit(run(List.of(args), System.out, System.err));
  }

  static int run(List<String> args, PrintStream out, PrintStream err) {
    Kernels kernels = new Kernels();
    try {
      if (args.contains("--help")) {
        out.println(USAGE);
        return 0;
      }
      kernels.parse(args);
    } catch (BenchmarkException e) {
      err.println("kernels: " + e.getMessage() + "\n" + USAGE);
      return 2;
    }
    try {
      return kernels.measure(out) ? 0 : 1;
    } catch (BenchmarkException e) {
      err.println("kernels: " + e.getMessage());
      return 1;
    }
  }

  private void parse(List<String> args) {
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      switch (arg) {
        case "--check" -> check = true;
        case "--threads" -> threads = threads(value(args, ++i, arg));
        case "-p" -> parameters.add(parameter(value(args, ++i, arg)));
        default -> {
          if (arg.startsWith("-") || !filter.isEmpty()) {
            throw new BenchmarkException("unknown argument \"" + arg + "\"");
          }
          filter = arg;
        }
      }
    }
  }

  private static String value(List<String> args, int index, String option) {
    if (index == args.size()) {
      throw new BenchmarkException(option + " needs a value");
    }
    return args.get(index);
  }

  private static int threads(String value) {
    if (!value.matches("[1-9][0-9]{0,3}")) {
      throw new BenchmarkException("--threads must be a positive number but is \"" + value + "\"");
    }
    return Integer.parseInt(value);
  }

  private static String[] parameter(String value) {
    String[] parts = value.split("=", 2);
    if (parts.length != 2) {
      throw new BenchmarkException("-p needs NAME=VALUE but is \"" + value + "\"");
    }
    return parts;
  }

  private boolean measure(PrintStream out) {
    Peaks before = Peaks.measure(threads);
    Collection<RunResult> results = benchmarks();
    Peaks peaks = before.better(Peaks.measure(threads));
    List<KernelResult> rows =
        results.stream().map(result -> KernelResult.of(result, Sizes.LLAMA_1B)).toList();
    out.print(KernelResult.table(rows, peaks));
    List<KernelResult> allocating = rows.stream().filter(KernelResult::allocates).toList();
    if (check) {
      tell(allocating, out::println);
    }
    return !check || allocating.isEmpty();
  }

  private static void tell(List<KernelResult> allocating, Consumer<String> out) {
    for (KernelResult row : allocating) {
      out.accept(
          row.name() + " allocates " + Math.round(row.allocatedBytes()) + " bytes each time");
    }
  }

  private Collection<RunResult> benchmarks() {
    var options =
        new OptionsBuilder()
            .include(
                "(?i)"
                    + Kernels.class.getPackageName().replace(".", "\\.")
                    + ".*(?:"
                    + filter
                    + ")")
            .addProfiler(GCProfiler.class)
            .forks(1)
            .warmupIterations(3)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(5)
            .measurementTime(TimeValue.seconds(1))
            .verbosity(VerboseMode.NORMAL)
            .jvmArgsAppend("-D" + Kernel.THREADS + "=" + threads);
    parameters.forEach(p -> options.param(p[0], p[1].split(",", -1)));
    return run(options.build());
  }

  private static Collection<RunResult> run(Options options) {
    try {
      Collection<RunResult> results = new Runner(options).run();
      if (results.isEmpty()) {
        throw new BenchmarkException("nothing was measured");
      }
      return results;
    } catch (RunnerException e) {
      throw new BenchmarkException(e.getMessage(), e);
    }
  }
}
