package org.slmruntime.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command in a JVM of its own, with nothing on standard input. */
record SlmProcess(Process process, Path out, Path err) {
  /**
   * Starts it.
   *
   * @param folder where its streams go
   * @param flags of the JVM
   */
  static SlmProcess start(Path folder, List<String> flags, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(flags);
    command.add(Slm.class.getName());
    command.addAll(List.of(args));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    process.getOutputStream().close();
    return new SlmProcess(process, out, err);
  }

  /** What it has written on standard error so far. */
  String errors() throws IOException {
    return Files.readString(err, StandardCharsets.UTF_8);
  }

  /** Waits for its end. */
  Outcome outcome() throws IOException, InterruptedException {
    int code = process.waitFor();
    return new Outcome(code, Files.readString(out, StandardCharsets.UTF_8), errors());
  }
}
