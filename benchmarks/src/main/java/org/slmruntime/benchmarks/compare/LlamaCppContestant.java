package org.slmruntime.benchmarks.compare;

import java.nio.file.Path;

/**
 * llama.cpp in a process of its own, which {@link LlamaBench} drives.
 *
 * @param libraries the folder with its shared libraries
 * @param threads that compute
 */
record LlamaCppContestant(Path libraries, int threads) implements Contestant {
  @Override
  public String name() {
    return Report.LLAMA_CPP;
  }

  @Override
  public Ready prepare(Path file, Cell cell) {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                LlamaBench.class.getName(),
                libraries.toString(),
                file.toString(),
                Integer.toString(threads),
                Integer.toString(cell.prompt()),
                Integer.toString(cell.decode()),
                Integer.toString(cell.batch()),
                Integer.toString(cell.depth()))
            .directory(libraries.toFile());
    // The libraries need each other, and look for each other there.
    builder.environment().put("LD_LIBRARY_PATH", libraries.toString());
    return BenchProcess.start(name(), builder, cell, BenchProcess.LIMIT);
  }
}
