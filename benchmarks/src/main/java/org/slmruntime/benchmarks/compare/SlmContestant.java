package org.slmruntime.benchmarks.compare;

import java.nio.file.Path;

/**
 * The slm command as a user starts it.
 *
 * @param root of the checkout
 * @param threads of the backend
 * @param flags more for the JVM
 */
record SlmContestant(String name, Path root, int threads, String flags) implements Contestant {
  @Override
  public Ready prepare(Path file, Cell cell) {
    ProcessBuilder builder =
        new ProcessBuilder(
                root.resolve("slm").toString(),
                "bench",
                file.toString(),
                "--backend=cpu",
                "--threads=" + threads,
                "--json",
                "--quiet",
                "--on-request",
                "--repeat=1",
                "-p" + cell.prompt(),
                "-n" + cell.decode(),
                "-b" + cell.batch(),
                "--depth=" + cell.depth())
            .directory(root.toFile());
    builder.environment().put("SLM_JAVA_OPTS", flags);
    return BenchProcess.start(name, builder, cell, BenchProcess.LIMIT);
  }
}
