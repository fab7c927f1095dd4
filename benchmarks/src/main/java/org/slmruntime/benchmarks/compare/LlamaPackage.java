package org.slmruntime.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slmruntime.benchmarks.BenchmarkException;

/** The prebuilt llama.cpp in the npm package that its JavaScript binding uses. */
final class LlamaPackage {
  static final String NAME = "@node-llama-cpp/linux-x64";
  static final String VERSION = "3.22.1";

  private LlamaPackage() {}

  /**
   * The folder with the libraries, fetched on first use with npm, as it is configured here.
   *
   * @param target where it is kept
   * @throws BenchmarkException if it cannot be had, or is not for this machine
   */
  static Path libraries(Path target) {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!system.equals("Linux amd64")) {
      throw new BenchmarkException(NAME + " is for Linux amd64, and this is " + system);
    }
    Path folder = target.resolve("llama-" + VERSION);
    Path libraries = folder.resolve("package/bins/linux-x64");
    if (!Files.isDirectory(libraries)) {
      fetch(folder);
    }
    return libraries;
  }

  private static void fetch(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new BenchmarkException(folder + ": cannot be made: " + e, e);
    }
    String archive =
        ProcessRun.of(List.of("npm", "pack", NAME + "@" + VERSION, "--silent"), Map.of(), folder)
            .out()
            .strip();
    ProcessRun.of(List.of("tar", "xzf", archive), Map.of(), folder);
  }
}
