package org.slmruntime.benchmarks.compare;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * llama.cpp in a process of its own, which {@link LlamaBench} drives.
 *
 * @param libraries the folder with its shared libraries
 * @param threads that compute
 */
record LlamaCppContestant(Path libraries, int threads) implements Contestant {
  @Override
  public String name() {
    return "llama.cpp";
  }

  @Override
  public double measure(Path file, Cell cell) {
    List<String> command =
        List.of(
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
            Integer.toString(cell.depth()));
    // The libraries need each other, and look for each other there.
    Map<String, String> environment = Map.of("LD_LIBRARY_PATH", libraries.toString());
    ProcessRun run = ProcessRun.of(command, environment, libraries);
    return SlmContestant.speed(run.out(), cell);
  }
}
