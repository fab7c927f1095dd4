package org.slmruntime.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models in a cache, whoever put them there. */
class HubCacheTest {
  private static final ModelName NAME = ModelName.of("owner/repo");
  private static final String OLD = "a".repeat(40);
  private static final String NEW = "b".repeat(40);

  @TempDir Path folder;
  private RepoFolder repo;
  private HubCache cache;

  @BeforeEach
  void open() {
    repo = RepoFolder.of(folder, NAME);
    cache = new HubCache(folder);
  }

  private Path put(String commit, String file) throws IOException {
    Path path = repo.snapshot(commit).resolve(file);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, file);
  }

  private Optional<Path> find(String name) {
    return cache.find(ModelName.of(name), PullListener.NONE);
  }

  @Test
  void findsNothingInAnEmptyCache() {
    assertEquals(Optional.empty(), find("owner/repo"));
    assertEquals(
        Optional.empty(), new HubCache(folder.resolve("absent")).find(NAME, PullListener.NONE));
  }

  @Test
  void prefersTheCommitThatWasPulledLast() throws IOException {
    Path old = put(OLD, "m.gguf");
    Path now = put(NEW, "m.gguf");
    repo.setCommit(NEW);
    assertEquals(Optional.of(now), find("owner/repo"));
    repo.setCommit(OLD);
    assertEquals(Optional.of(old), find("owner/repo"));
  }

  @Test
  void findsWhatOnlyAnEarlierCommitHas() throws IOException {
    Path old = put(OLD, "folder/m-Q8_0.gguf");
    put(NEW, "m-Q4_0.gguf");
    repo.setCommit(NEW);
    assertEquals(Optional.of(old), find("owner/repo:q8_0"));
  }

  @Test
  void prefersTheNewestWhereNoCommitIsNamed() throws IOException {
    Path old = put(OLD, "m.gguf");
    put(NEW, "m.gguf");
    Files.setLastModifiedTime(repo.snapshot(NEW), FileTime.fromMillis(1000));
    assertEquals(Optional.of(old), find("owner/repo"));
  }

  @Test
  void passesOverLinksThatLeadNowhere() throws IOException {
    Path link = put(NEW, "m.gguf");
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("../../blobs/absent"));
    assertEquals(Optional.empty(), find("owner/repo"));
  }

  @Test
  void passesOverWhatIsNoSnapshot() throws IOException {
    put("not-a-commit", "m.gguf");
    Files.createDirectories(repo.path().resolve("refs"));
    Files.writeString(repo.path().resolve("refs/main"), "../../../elsewhere");
    assertEquals(Optional.empty(), find("owner/repo"));
  }

  @Test
  void doesNotGuessWhichIsMeant() throws IOException {
    put(NEW, "a.gguf");
    put(NEW, "b.gguf");
    HubException e = assertThrows(HubException.class, () -> find("owner/repo"));
    assertTrue(e.getMessage().contains("a.gguf") && e.getMessage().contains("b.gguf"));
  }

  @Test
  void replacesALinkToAnotherContent() throws IOException {
    Path first = Files.writeString(folder.resolve("first"), "1");
    Path second = Files.writeString(folder.resolve("second"), "2");
    Path link = folder.resolve("link");
    SnapshotLink.make(link, first);
    SnapshotLink.make(link, second);
    assertEquals(Path.of("second"), Files.readSymbolicLink(link));
    try (var files = Files.list(folder)) {
      assertEquals(3, files.count());
    }
  }

  @Test
  void copiesWhereThereAreNoLinks() throws IOException {
    // A zip file system has neither kind of link.
    Path zip = folder.resolve("files.zip");
    try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      Path blob = Files.write(files.getPath("blob"), new byte[] {1, 2, 3});
      Path entry = files.getPath("entry");
      SnapshotLink.make(entry.toAbsolutePath(), blob.toAbsolutePath());
      assertFalse(Files.isSymbolicLink(entry));
      assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(entry));
    }
  }

  @Test
  void waitsForWhoeverHasTheLock() throws Exception {
    BlobId id = new BlobId(BlobId.Kind.GIT, OLD);
    Path lock = repo.lock(id);
    Path incomplete = repo.incomplete(id);
    CountDownLatch waiting = new CountDownLatch(1);
    PullListener told =
        new PullListener() {
          @Override
          public void onNotice(String text) {
            waiting.countDown();
          }
        };
    BlobLock first = BlobLock.acquire(lock, incomplete, "m", PullListener.NONE);
    FutureTask<Boolean> second =
        new FutureTask<>(
            () -> {
              try (BlobLock _ = BlobLock.acquire(lock, incomplete, "m", told)) {
                return true;
              }
            });
    Thread.ofPlatform().daemon().start(second);
    assertTrue(waiting.await(60, TimeUnit.SECONDS));
    assertFalse(second.isDone());
    first.close();
    assertTrue(second.get(60, TimeUnit.SECONDS));
  }
}
