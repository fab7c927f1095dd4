package org.slmruntime.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JavaCppSettingsTest {
  @Test
  void unpacksToTheUsersCache() {
    Path home = Path.of("/home/somebody");
    assertEquals(
        Path.of("/home/somebody/.cache/slm-runtime/javacpp"),
        JavaCppSettings.cacheFolder(Map.of(), home));
    assertEquals(
        Path.of("/elsewhere/slm-runtime/javacpp"),
        JavaCppSettings.cacheFolder(Map.of("XDG_CACHE_HOME", "/elsewhere"), home));
    // The specification of that variable says that relative paths are to be ignored.
    assertEquals(
        Path.of("/home/somebody/.cache/slm-runtime/javacpp"),
        JavaCppSettings.cacheFolder(Map.of("XDG_CACHE_HOME", "here"), home));
  }

  @Test
  void looksForLibrariesWhereTheyWereFound() {
    Map<String, String> all =
        JavaCppSettings.all(List.of(Path.of("/a"), Path.of("/b")), Path.of("/cache"));
    assertEquals(
        Map.of(
            "org.bytedeco.javacpp.maxBytes", "0",
            "org.bytedeco.javacpp.maxPhysicalBytes", "0",
            "org.bytedeco.javacpp.cachedir", "/cache",
            "org.bytedeco.javacpp.platform.linkpath", "/a:/b"),
        all);
  }
}
