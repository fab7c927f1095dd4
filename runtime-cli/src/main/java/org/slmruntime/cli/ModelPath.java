package org.slmruntime.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slmruntime.demo.DemoModel;
import org.slmruntime.hub.HubCache;
import org.slmruntime.hub.HubException;
import org.slmruntime.hub.HubSettings;
import org.slmruntime.hub.ModelName;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What is given as a model: a file or folder that is there, or else the name of a pulled one; where
 * nothing is given, the demo model.
 */
final class ModelPath {
  /** Where the launcher says that the demo model is, which in a jar would have to be unpacked. */
  static final String DEMO_FILE = "SLM_DEMO_MODEL";

  private ModelPath() {}

  /**
   * The path to open. What is neither there nor a name is returned as it is, for whoever opens it
   * to refuse.
   *
   * @param spec of the command that is running
   * @throws HubException if it is a name, but not of a model in the cache
   */
  static Path resolve(Path given, CommandSpec spec, boolean quiet) {
    Optional<ModelName> name = Files.exists(given) ? Optional.empty() : name(given);
    if (name.isEmpty()) {
      return given;
    }
    HubCache cache = new HubCache(HubSettings.cache(environment(spec), HubSettings.home()));
    try (PullProgress progress = new PullProgress(spec.commandLine().getErr(), quiet)) {
      return cache.find(name.get(), progress).orElseThrow(() -> absent(name.get(), cache));
    }
  }

  /**
   * The demo model's file, which standard error names unless it is to be quiet.
   *
   * @throws org.slmruntime.demo.DemoModelException if this build has none or it cannot be unpacked
   */
  static Path demo(CommandSpec spec, boolean quiet) {
    String known = environment(spec).getOrDefault(DEMO_FILE, "");
    Path path = known.isBlank() ? DemoModel.path() : Path.of(known);
    if (!quiet) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("slm: no MODEL is given, so this is the demo model, which tells little stories");
      err.flush();
    }
    return path;
  }

  /** A file in a folder looks like a name too, unless it says what it is. */
  private static Optional<ModelName> name(Path given) {
    return ModelName.parse(given.toString())
        .filter(name -> name.file().isPresent() || !name.repo().endsWith(".gguf"));
  }

  private static Map<String, String> environment(CommandSpec spec) {
    return ((Slm) spec.root().userObject()).environment();
  }

  private static HubException absent(ModelName name, HubCache cache) {
    return new HubException(
        name
            + ": no such file, and no model of that name in "
            + cache.folder()
            + "; get it with: slm pull "
            + name);
  }
}
