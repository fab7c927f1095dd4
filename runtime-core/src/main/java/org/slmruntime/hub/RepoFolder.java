package org.slmruntime.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One repository's folder in the cache, in the layout of Hugging Face's tools: {@code blobs} holds
 * contents by checksum, {@code snapshots/COMMIT} links the names of one commit to them, {@code
 * refs/main} says which commit was last pulled.
 *
 * @param path {@code models--owner--repo}
 * @param locks the folder of its lock files, beside all repositories
 * @see <a href="https://huggingface.co/docs/huggingface_hub/guides/manage-cache">The cache</a>
 */
record RepoFolder(Path path, Path locks) {
  /** The only branch that is pulled. */
  static final String REVISION = "main";

  private static final int DEEPEST = 8;
  private static final int MAX_ENTRIES = 100_000;

  static RepoFolder of(Path cache, ModelName name) {
    String folder = "models--" + name.owner() + "--" + name.repo();
    return new RepoFolder(cache.resolve(folder), cache.resolve(".locks").resolve(folder));
  }

  static boolean isCommit(String text) {
    return text.matches("[0-9a-f]{40}");
  }

  Path blob(BlobId id) {
    return path.resolve("blobs").resolve(id.hex());
  }

  Path incomplete(BlobId id) {
    return path.resolve("blobs").resolve(id.hex() + ".incomplete");
  }

  Path lock(BlobId id) {
    return locks.resolve(id.hex() + ".lock");
  }

  Path snapshot(String commit) {
    return path.resolve("snapshots").resolve(commit);
  }

  private Path ref() {
    return path.resolve("refs").resolve(REVISION);
  }

  /** Remembers the commit that was pulled last. */
  void setCommit(String commit) throws IOException {
    Files.createDirectories(ref().getParent());
    Path unfinished = Disk.unfinished(ref());
    try {
      Files.writeString(unfinished, commit);
      Files.move(unfinished, ref(), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /** The snapshots that are here: that of the commit pulled last, then the newest first. */
  List<Path> snapshots() throws IOException {
    Optional<String> last = commit();
    List<Path> found = new ArrayList<>();
    try (Stream<Path> folders = Files.list(path.resolve("snapshots"))) {
      folders.filter(f -> isCommit(f.getFileName().toString())).forEach(found::add);
    } catch (NoSuchFileException | NotDirectoryException _) {
      return List.of();
    }
    Comparator<Path> lastFirst =
        Comparator.comparing(f -> last.filter(f.getFileName().toString()::equals).isEmpty());
    found.sort(
        lastFirst
            .thenComparing(RepoFolder::modified, Comparator.reverseOrder())
            .thenComparing(Comparator.naturalOrder()));
    return found;
  }

  private Optional<String> commit() throws IOException {
    try {
      return Optional.of(Files.readString(ref()).strip()).filter(RepoFolder::isCommit);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException _) {
      return FileTime.fromMillis(0);
    }
  }

  /**
   * The paths of a snapshot's files, with {@code /} between folders; links to nothing are left out.
   */
  static List<String> files(Path snapshot) throws IOException {
    try (Stream<Path> all = Files.walk(snapshot, DEEPEST)) {
      return all.limit(MAX_ENTRIES)
          .filter(Files::isRegularFile)
          .map(file -> snapshot.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * Makes a name in a snapshot for a content that is here.
   *
   * @return the name's path
   */
  Path link(String commit, RepoFile file) throws IOException {
    Path snapshot = snapshot(commit);
    Path entry = snapshot.resolve(file.path());
    if (!entry.normalize().startsWith(snapshot)) {
      throw new HubException(file.shown() + " would lie outside of " + snapshot);
    }
    Files.createDirectories(entry.getParent());
    Path blob = blob(file.id());
    if (!Files.exists(entry, LinkOption.NOFOLLOW_LINKS) || !isSame(entry, blob)) {
      SnapshotLink.make(entry, blob);
    }
    return entry;
  }

  /** Copies are made anew each time, which is seldom and never wrong. */
  private static boolean isSame(Path entry, Path blob) throws IOException {
    return Files.exists(entry) && Files.isSameFile(entry, blob);
  }
}
