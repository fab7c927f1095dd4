package org.slmruntime.architecture;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slmruntime.json.Json;

/** What each module tells GraalVM's native-image, held against the module's files and classes. */
class NativeImageMetadataTest {
  /** The compiler plugin's own, not always there. */
  private static final String COMPILER_NOTES = "META-INF/jpms.args";

  private static final Path ROOT = Path.of("..");
  private static final String METADATA = "META-INF/native-image";

  /** Modules that have resources or native calls. */
  static List<String> modules() {
    return List.of(
        "native-config", "kernels", "runtime-cpu", "runtime-cuda", "runtime-train", "demo");
  }

  @ParameterizedTest
  @MethodSource("modules")
  void namesEveryResourceAndNothingElse(String module) throws IOException {
    List<String> globs =
        entries(module, "resources").stream()
            .map(row -> Json.asString(row.get("glob"), "glob"))
            .toList();
    Set<String> files = resources(module);
    Set<String> unmatched = new TreeSet<>(globs);
    Set<String> unlisted = new TreeSet<>(files);
    for (String glob : globs) {
      var matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
      if (unlisted.removeIf(file -> matcher.matches(Path.of(file)))) {
        unmatched.remove(glob);
      }
    }
    assertEquals(Set.of(), unlisted, "resources that native-image would leave out");
    assertEquals(Set.of(), unmatched, "globs without a resource");
  }

  @ParameterizedTest
  @MethodSource("modules")
  void namesClassesAndMethodsThatExist(String module) throws IOException {
    Stream<Executable> checks =
        entries(module, "reflection").stream().map(entry -> () -> exists(entry));
    assertAll(checks);
  }

  /** A service's implementation is made by reflection. */
  @ParameterizedTest
  @MethodSource("modules")
  void namesEveryServicesConstructor(String module) throws IOException {
    Path services = source(module).resolve("META-INF/services");
    if (!Files.isDirectory(services)) {
      return;
    }
    Set<Object> types = new TreeSet<>();
    entries(module, "reflection").forEach(entry -> types.add(entry.get("type")));
    try (Stream<Path> files = Files.list(services)) {
      for (Path file : files.toList()) {
        for (String provider : Files.readAllLines(file)) {
          assertTrue(types.contains(provider.strip()), provider);
        }
      }
    }
  }

  private static void exists(Map<String, Object> entry) throws ReflectiveOperationException {
    ClassLoader loader = NativeImageMetadataTest.class.getClassLoader();
    Class<?> type = Class.forName(Json.asString(entry.get("type"), "type"), false, loader);
    for (Object method : Json.asArray(entry.getOrDefault("methods", List.of()), "methods")) {
      assertEquals(Map.of("name", "<init>", "parameterTypes", List.of()), method);
      assertEquals(0, type.getDeclaredConstructor().getParameterCount());
    }
  }

  private static List<Map<String, Object>> entries(String module, String kind) throws IOException {
    Path file =
        source(module)
            .resolve(METADATA)
            .resolve("org.slmruntime/" + module + "/reachability-metadata.json");
    Map<String, Object> metadata = Json.parseObject(Files.readString(file));
    Set<String> known = Set.of("reflection", "resources", "foreign");
    assertTrue(known.containsAll(metadata.keySet()), () -> "unknown keys in " + file);
    return Json.asArray(metadata.getOrDefault(kind, List.of()), kind).stream()
        .map(entry -> Json.asObject(entry, kind))
        .toList();
  }

  private static Set<String> resources(String module) throws IOException {
    // As built, because a module may have resources from elsewhere.
    Path source = ROOT.resolve(module).resolve("target/classes");
    Set<String> found = new TreeSet<>();
    try (Stream<Path> files = Files.walk(source)) {
      files
          .filter(Files::isRegularFile)
          .map(file -> source.relativize(file).toString())
          .filter(file -> !file.startsWith(METADATA) && !file.endsWith(".class"))
          .filter(file -> !file.equals(COMPILER_NOTES))
          .forEach(found::add);
    }
    return found;
  }

  private static Path source(String module) {
    return ROOT.resolve(module).resolve("src/main/resources");
  }
}
