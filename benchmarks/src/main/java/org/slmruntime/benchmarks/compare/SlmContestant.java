package org.slmruntime.benchmarks.compare;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.json.Json;

/**
 * The slm command as a user starts it.
 *
 * @param root of the checkout
 * @param threads of the backend
 * @param flags more for the JVM
 */
record SlmContestant(String name, Path root, int threads, String flags) implements Contestant {
  @Override
  public double measure(Path file, Cell cell) {
    List<String> command =
        List.of(
            root.resolve("slm").toString(),
            "bench",
            file.toString(),
            "--backend=cpu",
            "--threads=" + threads,
            "--json",
            "--quiet",
            "--repeat=1",
            "-p" + cell.prompt(),
            "-n" + cell.decode(),
            "-b" + cell.batch(),
            "--depth=" + cell.depth());
    ProcessRun run = ProcessRun.of(command, Map.of("SLM_JAVA_OPTS", flags), root);
    return speed(run.out(), cell);
  }

  /** A cell's figure in the object that a bench prints. */
  static double speed(String json, Cell cell) {
    if (Json.parseObject(json).get(cell.key()) instanceof Number speed && speed.doubleValue() > 0) {
      return speed.doubleValue();
    }
    throw new BenchmarkException("there is no " + cell.key() + " in " + json.strip());
  }
}
