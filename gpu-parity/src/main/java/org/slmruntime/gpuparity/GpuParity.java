package org.slmruntime.gpuparity;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.cuda.testing.InterpretedDriver;
import org.slmruntime.natives.CudaHost;
import org.slmruntime.tensor.DType;

/**
 * Runs one section in this process and writes what it found: {@code ci/gpu-parity} runs them all,
 * each in a process of its own.
 */
public final class GpuParity {
  /** In the report's order; the last are made by {@code record}. */
  static final List<String> SECTIONS =
      List.of(
          "environment",
          "symbols",
          "tests",
          "interpreter",
          "kernels",
          "launches",
          "memcheck",
          "racecheck",
          "conformance",
          "library",
          "fixtures",
          "hostile",
          "parity",
          "speed",
          "models");

  private static final int NO_GPU = 2;
  private static final List<DType> SMALL =
      List.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K);

  private final Path folder;
  private final Path bundle;
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  private GpuParity(Path folder, Path bundle) {
    this.folder = folder;
    this.bundle = bundle;
  }

  /**
   * Arguments: what to do, the folder for what is found, and the bundle's folder. What to do is one
   * of the sections; {@code gpu}, which asks whether there is one; {@code report}; {@code record
   * ... NAME CODE LOG} for what another program found; or {@code small-models}, which writes the
   * bundle's models. Exit code 0: passed, 1: failed, 2: there is no GPU.
   */
  public static void main(String[] args) throws IOException {
    GpuParity run = new GpuParity(Path.of(args[1]), Path.of(args[2]));
    int code =
        switch (args[0]) {
          case "report" -> Report.write(run.folder, SECTIONS) ? 0 : 1;
          case "gpu" -> run.tellGpu(System.out);
          case "record" -> run.record(args[3], Integer.parseInt(args[4]), Path.of(args[5]));
          case "small-models" -> run.writeSmallModels();
          default -> run.section(args[0], System.out);
        };
    System.exit(code);
  }

  private int tellGpu(PrintStream out) {
    return CudaHost.probe()
        .problem()
        .map(
            problem -> {
              out.println("no GPU can be used: " + problem);
              return NO_GPU;
            })
        .orElse(0);
  }

  private int section(String name, PrintStream out) {
    SectionResult result;
    try {
      result = run(name);
    } catch (RuntimeException | LinkageError e) {
      result = SectionResult.failed(name, e.toString());
    }
    result.write(folder);
    out.println(name + ": " + (result.passed() ? "passed" : "FAILED") + ": " + result.summary());
    return result.passed() ? 0 : 1;
  }

  private SectionResult run(String name) {
    CudaHost host = CudaHost.probe();
    return switch (name) {
      case "environment" -> Environment.describe(CudaHost.probeMemory());
      case "symbols" -> SymbolCheck.run(host.libraries());
      case "tests" -> ConformanceRun.onInterpreter();
      case "conformance" -> ConformanceRun.of(name, GpuConformance.class);
      case "library" -> ConformanceRun.of(name, GpuLibraryConformance.class);
      case "fixtures" -> ConformanceRun.of(name, GpuFixtures.class);
      case "hostile" -> ConformanceRun.of(name, GpuHostileModels.class);
      case "interpreter" -> compare(name, interpreter(seed), interpreter(seed + 1));
      case "kernels" -> compare(name, interpreter(seed), Gpu.open());
      case "launches" -> compare(name, Gpu.open(), Gpu.open());
      case "speed" -> speed();
      case "parity" ->
          ModelParity.run(
              bundle.resolve("models"), folder, host.problem().isEmpty() ? "cuda" : "interpreted");
      case "models" -> new ModelBench(folder, "cuda").run(ModelBench.ALL, 512, 128);
      default -> throw new IllegalArgumentException("there is no section " + name);
    };
  }

  /** The bundle's models: every format that has kernels of its own shape. */
  private int writeSmallModels() throws IOException {
    Path models = Files.createDirectories(bundle.resolve("models"));
    for (DType type : SMALL) {
      ModelShape.SMALL.write(models.resolve("small-" + LinearCases.suffix(type) + ".gguf"), type);
    }
    return 0;
  }

  private SectionResult compare(String name, GpuDriver expected, GpuDriver actual) {
    try (expected;
        actual) {
      // A device must repeat itself to the bit.
      KernelComparison comparison = new KernelComparison(seed, name.equals("launches"));
      return comparison.compare(name, KernelCases.all(), expected, actual);
    }
  }

  private static SectionResult speed() {
    try (GpuDriver driver = Gpu.open()) {
      return Microbenchmarks.run(driver, Sizes.models());
    }
  }

  private static GpuDriver interpreter(long seed) {
    return new InterpretedDriver(DeviceOptions.checked(seed));
  }

  /** What another program found: its exit code and the end of what it said. */
  private int record(String name, int code, Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    List<String> last = lines.subList(Math.max(0, lines.size() - 20), lines.size());
    String told = "exit code " + code + ": " + String.join(" / ", last);
    new SectionResult(name, code == 0, told, List.of()).write(folder);
    return code == 0 ? 0 : 1;
  }
}
