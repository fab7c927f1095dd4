package org.slmruntime.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The folder of pulled models, shared with Hugging Face's own tools. Immutable; processes may share
 * the folder.
 */
public final class HubCache {
  private final Path folder;

  /**
   * @param folder need not exist
   * @see HubSettings#cache
   */
  public HubCache(Path folder) {
    this.folder = folder;
  }

  /** Where it is. */
  public Path folder() {
    return folder;
  }

  /**
   * Finds a model that was pulled; uses no network.
   *
   * @param listener hears which was taken, if there are several
   * @return the file to open, of a split model the first part; empty if it is not here
   * @throws HubException if the name may mean several files, or the folder cannot be read
   */
  public Optional<Path> find(ModelName name, PullListener listener) {
    try {
      for (Path snapshot : RepoFolder.of(folder, name).snapshots()) {
        Optional<ModelChoice> choice = ModelChoice.find(name, RepoFolder.files(snapshot));
        if (choice.isPresent()) {
          choice.get().note().ifPresent(listener::onNotice);
          return Optional.of(snapshot.resolve(choice.get().files().getFirst()));
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw Disk.failure(folder, "the cache cannot be read", e);
    }
  }
}
