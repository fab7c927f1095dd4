package org.slmruntime.gpuparity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of the slm command in a process of its own, so that a lost device loses nothing else.
 *
 * @param err the last line of standard error, where failures are
 */
record SlmProcess(int code, String out, String err) {
  static SlmProcess run(Path folder, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("org.slmruntime.cli.Slm");
    command.addAll(List.of(arguments));
    try {
      Path out = Files.createTempFile(folder, "slm", ".out");
      Path err = Files.createTempFile(folder, "slm", ".err");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        process.getOutputStream().close();
        int code = process.waitFor();
        return new SlmProcess(code, text(out), text(err).lines().reduce("", (_, last) -> last));
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while slm ran", e);
    }
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
