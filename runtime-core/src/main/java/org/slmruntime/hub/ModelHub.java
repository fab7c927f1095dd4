package org.slmruntime.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Pulls models from a Hugging Face endpoint into the cache.
 *
 * <pre>{@code
 * ModelHub hub = new ModelHub(HubSettings.fromEnvironment());
 * Path file = hub.pull(ModelName.of("owner/repo:Q4_K_M"), PullListener.NONE);
 * }</pre>
 *
 * <p>Thread-safe, and several processes may pull into one cache: each content is downloaded by one
 * of them, the others wait for it. Interrupting a thread that pulls ends that; what has come stays,
 * and the next pull goes on with it.
 */
public final class ModelHub {
  private final HubSettings settings;
  private final HubLimits limits;
  private final HubCache cache;

  public ModelHub(HubSettings settings) {
    this(settings, HubLimits.defaults());
  }

  ModelHub(HubSettings settings, HubLimits limits) {
    this.settings = settings;
    this.limits = limits;
    this.cache = new HubCache(settings.cache());
  }

  /** The folder that is pulled into. */
  public HubCache cache() {
    return cache;
  }

  /**
   * Makes sure that a model is in the cache as the endpoint has it now. What is there already is
   * not downloaded again; offline, what is there is taken as it is.
   *
   * @param listener hears how far it has come, what was chosen and why there is a wait
   * @return the file to open, of a split model the first part
   * @throws HubException if that cannot be done, saying what to do about it
   */
  public Path pull(ModelName name, PullListener listener) {
    if (settings.offline()) {
      return offline(name, listener);
    }
    try (HubHttp http = new HubHttp(settings, limits)) {
      if (settings.token().isPresent() && !http.isAuthorized()) {
        listener.onNotice(
            "the access token is not sent, as " + settings.endpoint() + " is not encrypted");
      }
      return pull(name, http, listener);
    } catch (IOException e) {
      throw Disk.failure(settings.cache(), "cannot be written", e);
    }
  }

  private Path offline(ModelName name, PullListener listener) {
    return cache
        .find(name, listener)
        .orElseThrow(
            () ->
                new HubException(
                    name
                        + " is not in the cache "
                        + cache.folder()
                        + ", and HF_HUB_OFFLINE forbids to pull it"));
  }

  private Path pull(ModelName name, HubHttp http, PullListener listener) throws IOException {
    Refusals refusals = new Refusals(name, settings.endpoint(), http.isAuthorized());
    RepoListing listing = new HubApi(http, refusals, limits, listener).list();
    ModelChoice choice =
        ModelChoice.find(name, listing.files().keySet())
            .orElseThrow(() -> ModelChoice.nothing(name, listing.files().keySet()));
    choice.note().ifPresent(listener::onNotice);
    List<RepoFile> files = choice.files().stream().map(listing.files()::get).toList();
    RepoFolder folder = RepoFolder.of(settings.cache(), name);
    requireRoom(files, folder);
    for (RepoFile file : files) {
      URI uri = address(name, listing.commit(), file);
      PartSource source = new PartSource(http, refusals, uri, file);
      new BlobDownload(file, folder, source, limits, listener).run();
      folder.link(listing.commit(), file);
    }
    folder.setCommit(listing.commit());
    return folder.snapshot(listing.commit()).resolve(files.getFirst().path());
  }

  private URI address(ModelName name, String commit, RepoFile file) {
    String path = name.repository() + "/resolve/" + commit + "/" + file.path();
    return WebAddress.at(settings.endpoint(), path, "");
  }

  /** Refuses before anything is downloaded what cannot be downloaded to its end. */
  private static void requireRoom(List<RepoFile> files, RepoFolder folder) throws IOException {
    long missing = 0;
    for (RepoFile file : files) {
      Path blob = folder.blob(file.id());
      long here = Math.max(size(blob), size(folder.incomplete(file.id())));
      missing += Math.max(0, file.size() - here);
    }
    Files.createDirectories(folder.path());
    Disk.require(folder.path(), missing, files.getFirst().shown());
  }

  private static long size(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }
}
