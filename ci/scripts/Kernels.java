import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Compiles the CUDA kernels and writes their PTX, or checks that the committed PTX is what the
 * sources give and that it assembles without spills.
 *
 * <p>{@code java ci/scripts/Kernels.java --check|--apply}, in the root of the checkout; exit code 1
 * if something is wrong. Does nothing where there is no nvcc. Modules that were found right before
 * are skipped by a stamp in {@code kernels/target}.
 */
final class Kernels {
  private static final Path SOURCES = Path.of("kernels/src/main/cuda");
  private static final Path PTX = Path.of("kernels/src/main/resources/org/slmruntime/kernels/ptx");
  private static final Path TARGET = Path.of("kernels/target/ptx");
  private static final Path COMPILER = PTX.resolve("compiler.txt");

  // nvcc orders some of what it writes by addresses in its own memory, so that one source gives now
  // this, now that PTX, also where address randomisation is off. So it is kept from which sources
  // the committed PTX came: other PTX than those gave, or other sources than gave it, is a fault.
  private static final Path ORIGINS = PTX.resolve("origins.txt");

  private static final List<String> OPTIONS =
      List.of("-arch=compute_80", "-ptx", "-O3", "--std=c++17");
  // Older drivers take older PTX; what nvcc writes by itself only the newest do.
  private static final List<String> VERSIONS = List.of("7.0", "7.1", "7.4", "7.8", "8.0");
  private static final List<String> ARCHITECTURES = List.of("sm_80", "sm_90", "sm_120");
  private static final int AT_A_TIME = 2;

  private static final Pattern VERSION = Pattern.compile("(?m)^\\.version .*$");
  private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"([^\"]+)\"");
  private static final Pattern RELEASE = Pattern.compile("\\bV(\\d+\\.\\d+\\.\\d+)");
  private static final Pattern LOCAL_MEMORY =
      Pattern.compile(
          "Function properties for (\\S+)\\s+(\\d+) bytes stack frame, (\\d+) bytes spill stores");

  private final Path nvcc;
  private final List<String> fixedAddresses;
  private final Optional<Path> ptxas;
  private final boolean apply;
  private final String release;
  private final boolean sameRelease;

  private Kernels(Path nvcc, boolean apply) throws IOException {
    this.nvcc = nvcc;
    this.fixedAddresses = fixedAddresses();
    this.ptxas = find("ptxas");
    this.apply = apply;
    this.release = "nvcc " + first(RELEASE, run(List.of(nvcc.toString(), "--version")));
    this.sameRelease = !Files.exists(COMPILER) || read(COMPILER).strip().equals(release);
    if (apply && ptxas.isEmpty()) {
      throw new IllegalStateException("--apply needs ptxas, which comes with nvcc");
    }
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 1 || !List.of("--check", "--apply").contains(args[0])) {
      throw new IllegalArgumentException("usage: java ci/scripts/Kernels.java --check|--apply");
    }
    Optional<Path> nvcc = find("nvcc");
    if (nvcc.isEmpty()) {
      System.out.println("kernels: no nvcc here, the committed PTX is taken as it is");
      return;
    }
    if (!Files.exists(Path.of("kernels/pom.xml"))) {
      throw new IllegalStateException("run this in the root of the checkout");
    }
    List<String> faults = new Kernels(nvcc.get(), args[0].equals("--apply")).all();
    faults.forEach(fault -> System.err.println("kernels: " + fault));
    if (!faults.isEmpty()) {
      System.exit(1);
    }
  }

  private List<String> all() throws IOException, InterruptedException {
    Files.createDirectories(SOURCES);
    Files.createDirectories(PTX);
    Files.createDirectories(TARGET);
    TreeSet<String> modules = new TreeSet<>(names(SOURCES, ".cu"));
    List<String> faults = new ArrayList<>(strays(modules));
    List<Callable<List<String>>> tasks = new ArrayList<>();
    modules.forEach(module -> tasks.add(() -> one(module)));
    ExecutorService workers = Executors.newFixedThreadPool(AT_A_TIME);
    try {
      for (Future<List<String>> done : workers.invokeAll(tasks)) {
        faults.addAll(done.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      workers.shutdown();
    }
    if (apply && faults.isEmpty()) {
      Files.writeString(COMPILER, release + "\n");
      StringBuilder origins = new StringBuilder();
      modules.forEach(module -> origins.append(origin(module)).append('\n'));
      Files.writeString(ORIGINS, origins);
    }
    return faults;
  }

  /** PTX that no source gives any more. */
  private List<String> strays(TreeSet<String> modules) throws IOException {
    List<String> faults = new ArrayList<>();
    for (String module : names(PTX, ".ptx")) {
      if (!modules.contains(module) && apply) {
        Files.delete(committed(module));
      } else if (!modules.contains(module)) {
        faults.add("there is no source for " + module + ".ptx");
      }
    }
    return faults;
  }

  private List<String> one(String module) throws IOException {
    Path stamp = TARGET.resolve(module + ".stamp");
    if (Files.exists(stamp) && read(stamp).equals(origin(module) + ptxas)) {
      return List.of();
    }
    List<String> faults = new ArrayList<>();
    Path compiled = TARGET.resolve(module + ".ptx");
    Path log = TARGET.resolve(module + ".log");
    if (exitCode(SOURCES, command(module, compiled), log) != 0) {
      return List.of(module + ".cu does not compile:\n" + read(log));
    }
    String ptx = withOldestVersion(module, withoutComments(read(compiled)));
    if (ptx.contains("_INTERNAL_")) {
      faults.add(
          module
              + ".cu: shared memory in an anonymous namespace gets a name that depends on the"
              + " folder it is compiled in; use a named one");
    }
    settle(module, ptx, faults);
    Files.writeString(compiled, ptx);
    ARCHITECTURES.forEach(architecture -> assemble(module, compiled, architecture, faults));
    if (faults.isEmpty()) {
      Files.writeString(stamp, origin(module) + ptxas);
    }
    return faults;
  }

  private List<String> command(String module, Path compiled) {
    List<String> command = new ArrayList<>(fixedAddresses);
    command.add(nvcc.toString());
    command.addAll(OPTIONS);
    // Names that are the same in every checkout: they get into the PTX, and move nvcc's memory.
    command.addAll(List.of("-o", SOURCES.relativize(compiled).toString(), module + ".cu"));
    return command;
  }

  /** Whether the committed PTX is one that these very sources gave. */
  private boolean hasItsOrigin(String module) {
    return sameRelease && Files.exists(ORIGINS) && read(ORIGINS).contains(origin(module) + "\n");
  }

  /** Writes the PTX, or compares it with what is committed. */
  private void settle(String module, String ptx, List<String> faults) throws IOException {
    Path committed = committed(module);
    if (apply) {
      if (!hasItsOrigin(module)) {
        Files.writeString(committed, ptx);
        System.out.println("kernels: wrote " + committed.getFileName());
      }
      return;
    }
    if (!Files.exists(committed)) {
      faults.add(module + ".cu has no PTX; run: java ci/scripts/Kernels.java --apply");
      return;
    }
    String difference = difference(read(committed), ptx);
    if (difference == null) {
      return;
    }
    String message = module + ".ptx is not what its source gives, " + difference;
    if (hasItsOrigin(module)) {
      System.out.println(
          "kernels: " + module + ".ptx is one of several that nvcc makes of its sources");
    } else if (sameRelease) {
      faults.add(message + "\nrun: java ci/scripts/Kernels.java --apply");
    } else {
      System.out.println(
          "kernels: "
              + message
              + "; it was made by "
              + read(COMPILER).strip()
              + ", not "
              + release);
    }
  }

  /** The first line in which two texts differ, or null. */
  private String difference(String committed, String compiled) {
    List<String> was = comparable(committed);
    List<String> is = comparable(compiled);
    for (int i = 0; i < Math.max(was.size(), is.size()); i++) {
      String left = i < was.size() ? was.get(i).strip() : "the end";
      String right = i < is.size() ? is.get(i).strip() : "the end";
      if (!left.equals(right)) {
        return "first in line " + (i + 1) + ": '" + left + "' instead of '" + right + "'";
      }
    }
    return null;
  }

  private List<String> comparable(String ptx) {
    return (ptxas.isPresent() ? ptx : VERSION.matcher(ptx).replaceAll("")).lines().toList();
  }

  private static String withoutComments(String ptx) {
    StringBuilder kept = new StringBuilder();
    ptx.lines()
        .filter(line -> !line.isBlank() && !line.strip().startsWith("//"))
        .forEach(line -> kept.append(line.stripTrailing()).append('\n'));
    return kept.toString();
  }

  private String withOldestVersion(String module, String ptx) throws IOException {
    for (String version : ptxas.isPresent() ? VERSIONS : List.<String>of()) {
      String lowered = VERSION.matcher(ptx).replaceFirst(".version " + version);
      Path file = TARGET.resolve(module + ".lowered.ptx");
      Files.writeString(file, lowered);
      if (ptxas("sm_80", file, TARGET.resolve(module + ".lowered.log")) == 0) {
        return lowered;
      }
    }
    return ptx;
  }

  private void assemble(String module, Path ptx, String architecture, List<String> faults) {
    if (ptxas.isEmpty()) {
      return;
    }
    Path log = TARGET.resolve(module + "." + architecture + ".log");
    if (ptxas(architecture, ptx, log) != 0) {
      faults.add(module + ".ptx does not assemble for " + architecture + ":\n" + read(log));
      return;
    }
    Matcher matcher = LOCAL_MEMORY.matcher(read(log));
    while (matcher.find()) {
      if (!matcher.group(2).equals("0") || !matcher.group(3).equals("0")) {
        faults.add(matcher.group(1) + " uses local memory on " + architecture + ": see " + log);
      }
    }
  }

  private int ptxas(String architecture, Path ptx, Path log) {
    Path cubin = TARGET.resolve(ptx.getFileName() + "." + architecture + ".cubin");
    return exitCode(
        Path.of("."),
        List.of(ptxas.get().toString(), "-v", "-arch=" + architecture, "-o", "" + cubin, "" + ptx),
        log);
  }

  /** Everything that the result depends on, and the result. */
  private String origin(String module) {
    TreeMap<String, String> inputs = new TreeMap<>();
    collect(module + ".cu", inputs);
    StringBuilder text = new StringBuilder(release).append(OPTIONS).append(VERSIONS);
    inputs.forEach((name, content) -> text.append(name).append('\0').append(content));
    text.append(Files.exists(committed(module)) ? read(committed(module)) : "none");
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return module + " " + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A source and what it includes, by name. */
  private static void collect(String name, TreeMap<String, String> found) {
    Path file = SOURCES.resolve(name);
    if (found.containsKey(name) || !Files.exists(file)) {
      return;
    }
    String text = read(file);
    found.put(name, text);
    INCLUDE.matcher(text).results().forEach(include -> collect(include.group(1), found));
  }

  /** What runs a program so that its memory lies at the same addresses each time; may be empty. */
  private static List<String> fixedAddresses() throws IOException {
    Path log = Files.createTempFile("kernels", ".log");
    try {
      return find("setarch")
          .map(setarch -> List.of(setarch.toString(), "-R"))
          .filter(it -> exitCode(Path.of("."), List.of(it.get(0), it.get(1), "true"), log) == 0)
          .orElse(List.of());
    } finally {
      Files.delete(log);
    }
  }

  /** On the path, then where a toolkit says it is, then where toolkits usually are. */
  private static Optional<Path> find(String program) throws IOException {
    List<Path> folders = new ArrayList<>();
    String path = System.getenv("PATH");
    for (String folder : (path == null ? "" : path).split(java.io.File.pathSeparator)) {
      folders.add(Path.of(folder));
    }
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      if (System.getenv(variable) != null) {
        folders.add(Path.of(System.getenv(variable), "bin"));
      }
    }
    Path usual = Path.of("/usr/local");
    if (Files.isDirectory(usual)) {
      try (Stream<Path> all = Files.list(usual)) {
        all.filter(folder -> folder.getFileName().toString().startsWith("cuda"))
            .sorted(Comparator.reverseOrder())
            .forEach(folder -> folders.add(folder.resolve("bin")));
      }
    }
    return folders.stream().map(f -> f.resolve(program)).filter(Files::isExecutable).findFirst();
  }

  private static List<String> names(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(ending))
          .map(name -> name.substring(0, name.length() - ending.length()))
          .toList();
    }
  }

  private static Path committed(String module) {
    return PTX.resolve(module + ".ptx");
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : text.strip();
  }

  private static String run(List<String> command) throws IOException {
    Path log = Files.createTempFile("kernels", ".log");
    try {
      exitCode(Path.of("."), command, log);
      return read(log);
    } finally {
      Files.delete(log);
    }
  }

  private static int exitCode(Path folder, List<String> command, Path log) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      // Even the length of a temporary folder's name moves nvcc's memory.
      builder.environment().keySet().removeAll(List.of("TMPDIR", "TMP", "TEMP"));
      return builder.start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
