package org.slmruntime.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/**
 * Finds the file of the demo model, which tells little stories and knows nothing else. Thread-safe;
 * processes may ask at the same time.
 */
public final class DemoModel {
  private static final String RESOURCE = "slm-demo-q8_0.gguf";

  private DemoModel() {}

  /**
   * The model's file, as {@link #path(Path)} in the user's cache: {@code slm-runtime} in {@code
   * XDG_CACHE_HOME} or {@code ~/.cache}.
   *
   * @throws DemoModelException if it cannot be had
   */
  public static Path path() {
    return path(userCache());
  }

  /**
   * The model's file. One in a jar cannot be mapped, so it is copied to a folder once; later calls
   * find it there and compare it with what is in the jar.
   *
   * @param folder for the copy; made if there is none
   * @throws DemoModelException if it cannot be written there
   */
  public static Path path(Path folder) {
    URL resource = DemoModel.class.getResource(RESOURCE);
    if (resource == null) {
      throw new DemoModelException("this build of slm-runtime has no demo model");
    }
    return file(resource, folder);
  }

  static Path file(URL resource, Path folder) {
    if (resource.getProtocol().equals("file")) {
      return Path.of(uri(resource));
    }
    try (InputStream in = resource.openStream()) {
      return new UnpackedFile(folder, in.readAllBytes()).path();
    } catch (IOException e) {
      throw new DemoModelException("the demo model cannot be read from " + resource, e);
    }
  }

  private static URI uri(URL resource) {
    try {
      return resource.toURI();
    } catch (URISyntaxException e) {
      throw new DemoModelException("the demo model is at no usable place: " + resource, e);
    }
  }

  private static Path userCache() {
    String cache = System.getenv("XDG_CACHE_HOME");
    boolean unset = cache == null || cache.isBlank();
    Path base = unset ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
    return base.resolve("slm-runtime");
  }
}
