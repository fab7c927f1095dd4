package org.slmruntime.cuda.driver;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Libraries that stand in for NVIDIA's, compiled from C, and programs that run with them in a JVM
 * of their own: libraries cannot be taken back out of a process.
 *
 * @param folder with the libraries and the log of their calls
 */
record StubLibraries(Path folder) {
  /** A library's source, and the version in its file's name. */
  private static final Map<String, Integer> SOURCES =
      Map.of("cuda", 1, "cudart", 13, "cublas", 13, "cublasLt", 13);

  /** What a program printed, and the calls it made. */
  record Outcome(int exit, String output, List<String> calls) {
    /** What a scenario said under a name. */
    String said(String name) {
      return output
          .lines()
          .filter(line -> line.startsWith(name + ": "))
          .map(line -> line.substring(name.length() + 2))
          .collect(Collectors.joining("\n"));
    }

    long count(String call) {
      return calls.stream().filter(line -> line.startsWith(call)).count();
    }
  }

  /** Whether there is a C compiler. */
  static boolean canCompile() throws IOException, InterruptedException {
    try {
      return execute(new ProcessBuilder("cc", "--version")).exit == 0;
    } catch (IOException _) {
      return false;
    }
  }

  /** Compiles all libraries but some. */
  static StubLibraries compile(Path folder, String... without)
      throws IOException, InterruptedException {
    for (Map.Entry<String, Integer> source : SOURCES.entrySet()) {
      if (!List.of(without).contains(source.getKey())) {
        compile(folder, source.getKey(), source.getValue());
      }
    }
    return new StubLibraries(folder);
  }

  private static void compile(Path folder, String name, int version)
      throws IOException, InterruptedException {
    Path source = folder.resolve(name + ".c");
    try (InputStream in = StubLibraries.class.getResourceAsStream("stub/" + name + ".c")) {
      Files.write(source, in.readAllBytes());
    }
    String library = "lib" + name + ".so." + version;
    Outcome outcome =
        execute(
            new ProcessBuilder(
                "cc",
                "-shared",
                "-fPIC",
                "-Wl,-soname," + library,
                "-o",
                folder.resolve(library).toString(),
                source.toString()));
    if (outcome.exit != 0) {
      throw new IOException("cannot compile " + source + ": " + outcome.output);
    }
  }

  /**
   * Runs a scenario of {@link StubProgram}.
   *
   * @param environment for the libraries
   */
  Outcome run(String scenario, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path log = folder.resolve("calls-" + scenario);
    Files.writeString(log, "");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Xmx256m");
    command.add("-Duser.home=" + folder);
    command.add("-Dslm.cuda.libraries=" + folder);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(StubProgram.class.getName());
    command.add(scenario);
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().remove("XDG_CACHE_HOME");
    builder.environment().put("LD_LIBRARY_PATH", folder.toString());
    builder.environment().put("STUB_LOG", log.toString());
    builder.environment().putAll(environment);
    Outcome outcome = execute(builder);
    return new Outcome(outcome.exit, outcome.output, Files.readAllLines(log));
  }

  private static Outcome execute(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      process.destroyForcibly();
    }
    return new Outcome(process.waitFor(), output, List.of());
  }
}
