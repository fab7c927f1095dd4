package org.slmruntime.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slmruntime.hub.HubCache;
import org.slmruntime.hub.HubException;
import org.slmruntime.hub.HubSettings;
import org.slmruntime.hub.ModelName;
import picocli.CommandLine.Model.CommandSpec;

/** What is given as a model: a file or folder that is there, or else the name of a pulled one. */
final class ModelPath {
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
    Slm slm = (Slm) spec.root().userObject();
    HubCache cache = new HubCache(HubSettings.cache(slm.environment(), HubSettings.home()));
    try (PullProgress progress = new PullProgress(spec.commandLine().getErr(), quiet)) {
      return cache.find(name.get(), progress).orElseThrow(() -> absent(name.get(), cache));
    }
  }

  /** A file in a folder looks like a name too, unless it says what it is. */
  private static Optional<ModelName> name(Path given) {
    return ModelName.parse(given.toString())
        .filter(name -> name.file().isPresent() || !name.repo().endsWith(".gguf"));
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
