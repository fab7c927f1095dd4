package org.slmruntime.cuda.driver;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What JavaCPP is told before its first class is loaded, after which it does not listen. Whatever
 * the user has set stays.
 */
final class JavaCppSettings {
  private static final String PREFIX = "org.bytedeco.javacpp.";

  private JavaCppSettings() {}

  /**
   * @param libraries folders of CUDA's libraries
   */
  static void apply(List<Path> libraries) {
    Path cache = cacheFolder(System.getenv(), Path.of(System.getProperty("user.home")));
    all(libraries, cache)
        .forEach(
            (name, value) -> {
              if (System.getProperty(name) == null) {
                System.setProperty(name, value);
              }
            });
  }

  static Map<String, String> all(List<Path> libraries, Path cache) {
    String folders =
        libraries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    // The path is looked at before the places that the bindings know.
    // Without limits JavaCPP neither counts memory nor reads /proc nor calls the garbage collector.
    return Map.of(
        PREFIX + "maxBytes",
        "0",
        PREFIX + "maxPhysicalBytes",
        "0",
        PREFIX + "cachedir",
        cache.toString(),
        PREFIX + "platform.linkpath",
        folders);
  }

  /** Where native libraries are unpacked to. */
  static Path cacheFolder(Map<String, String> environment, Path home) {
    String given = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path base = given.startsWith("/") ? Path.of(given) : home.resolve(".cache");
    return base.resolve("slm-runtime").resolve("javacpp");
  }
}
