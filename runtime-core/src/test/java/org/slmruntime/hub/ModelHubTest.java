package org.slmruntime.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What pulling leaves in the cache when nothing goes wrong. */
class ModelHubTest extends HubTest {
  @Test
  void keepsALargeFileAsHuggingFacesToolsDo() throws IOException {
    byte[] content = content(1000);
    hub.large(MODEL, content);
    Path file = pullExactly(content);
    assertEquals(repo().snapshot(FakeHub.COMMIT).resolve(MODEL), file);
    Path blob = Path.of("../../blobs", FakeHub.sha256(content));
    assertEquals(blob, Files.readSymbolicLink(file));
    assertEquals(FakeHub.COMMIT, Files.readString(cache.resolve("models--owner--tiny/refs/main")));
    assertFalse(Files.exists(incomplete(content)));
  }

  @Test
  void keepsASmallFileInAFolderByGitsChecksum() throws IOException {
    byte[] content = content(10);
    hub.small("folder/a name #1?.json", content);
    Path file = pull("folder/a name #1?.json");
    assertArrayEquals(content, Files.readAllBytes(file), "seed " + seed);
    Path blob = Path.of("../../../blobs", FakeHub.gitSha1(content));
    assertEquals(blob, Files.readSymbolicLink(file));
  }

  @Test
  void keepsAnEmptyFile() throws IOException {
    hub.small("empty.json", new byte[0]);
    assertEquals(0, Files.size(pull("empty.json")));
  }

  @Test
  void findsWhatItPulledByTheSameNameAndWithout() throws IOException {
    hub.large(MODEL, content(100)).large("tiny-Q4_0.gguf", content(100));
    Path file = pull("q8_0");
    HubCache found = new HubCache(cache);
    for (String name : List.of("owner/tiny", "owner/tiny:Q8_0", "owner/tiny:" + MODEL)) {
      assertEquals(Optional.of(file), found.find(ModelName.of(name), listener));
    }
    assertEquals(Optional.empty(), found.find(ModelName.of("owner/tiny:Q4_0"), listener));
    assertEquals(Optional.empty(), found.find(ModelName.of("owner/other"), listener));
  }

  @Test
  void downloadsNothingTwice() throws IOException {
    byte[] content = content(100);
    hub.large(MODEL, content);
    pullExactly(content);
    pullExactly(content);
    assertEquals(List.of("all"), ranges());
  }

  @Test
  void replacesABlobOfTheWrongSize() throws IOException {
    byte[] content = content(100);
    hub.large(MODEL, content);
    Path blob = pullExactly(content).toRealPath();
    Files.write(blob, new byte[99]);
    pullExactly(content);
  }

  @Test
  void bringsAllPartsOfASplitModelAndOpensTheFirst() throws IOException {
    List<byte[]> parts = List.of(content(100), content(100), content(100));
    for (int i = 0; i < 3; i++) {
      hub.large("big/m-Q4_K_M-0000" + (i + 1) + "-of-00003.gguf", parts.get(i));
    }
    Path first = pull("Q4_K_M");
    assertEquals("m-Q4_K_M-00001-of-00003.gguf", first.getFileName().toString());
    for (int i = 0; i < 3; i++) {
      Path part = first.resolveSibling("m-Q4_K_M-0000" + (i + 1) + "-of-00003.gguf");
      assertArrayEquals(parts.get(i), Files.readAllBytes(part), "seed " + seed);
    }
  }

  @Test
  void tellsHowFarItHasCome() {
    byte[] content = content(1000);
    hub.large(MODEL, content);
    List<String> told = new ArrayList<>();
    PullListener progress =
        new PullListener() {
          @Override
          public void onProgress(String task, long done, long total) {
            assertTrue(done <= total && total == content.length, "seed " + seed);
            if (done == total) {
              told.add(task);
            }
          }
        };
    models().pull(ModelName.of(FakeHub.REPO), progress);
    assertEquals(List.of("downloading " + MODEL, "checking " + MODEL), told);
  }

  @Test
  void saysWhichOfSeveralItTakes() {
    hub.large("t-F16.gguf", content(10)).large("t-Q4_K_M.gguf", content(10));
    Path file = models().pull(ModelName.of(FakeHub.REPO), listener);
    assertEquals("t-Q4_K_M.gguf", file.getFileName().toString());
    assertTrue(notices.peek().contains("taking Q4_K_M") && notices.peek().contains("t-F16.gguf"));
  }

  @Test
  void downloadsOnceForTwoWhoPullAtTheSameTime() throws Exception {
    byte[] content = content(2000);
    hub.large(MODEL, content);
    try (ExecutorService two = Executors.newFixedThreadPool(2)) {
      Future<Path> one = two.submit(() -> pull(MODEL));
      Future<Path> other = two.submit(() -> pull(MODEL));
      assertEquals(one.get(), other.get());
      assertArrayEquals(content, Files.readAllBytes(one.get()), "seed " + seed);
    }
    assertEquals(List.of("all"), ranges());
  }

  @Test
  void usesTheCacheAloneWhenOffline() throws IOException {
    byte[] content = content(100);
    hub.large(MODEL, content);
    Path file = pullExactly(content);
    int asked = hub.toEndpoint.size();
    ModelHub offline =
        new ModelHub(new HubSettings(hub.address(), Optional.empty(), cache, true), limits);
    assertEquals(file, offline.pull(ModelName.of(FakeHub.REPO), listener));
    ModelName absent = ModelName.of("owner/absent");
    String message =
        assertThrows(HubException.class, () -> offline.pull(absent, listener)).getMessage();
    assertTrue(message.contains("owner/absent") && message.contains("HF_HUB_OFFLINE"), message);
    assertEquals(asked, hub.toEndpoint.size());
  }

  @Test
  void refusesWhatTheDiskHasNoRoomForBeforeItDownloads() {
    hub.script(
        FakeHub.TREE,
        e ->
            FakeHub.json(
                e,
                List.of(
                    Map.of(
                        "type",
                        "file",
                        "path",
                        MODEL,
                        "oid",
                        "f".repeat(40),
                        "size",
                        1L,
                        "lfs",
                        Map.of("oid", "a".repeat(64), "size", 1L << 50)))));
    fails(MODEL, MODEL, "needs " + (1L << 50) + " bytes", cache.toString(), "HF_HUB_CACHE");
    assertTrue(hub.toStore.isEmpty());
  }

  @Test
  void saysThatTheCacheCannotBeWritten() throws IOException {
    hub.large(MODEL, content(100));
    Files.createFile(cache);
    fails(MODEL, cache.toString());
  }

  @Test
  void saysWhatARepositoryHasWhereTheNameMeansNothing() {
    hub.large(MODEL, content(10)).small("README.md", content(10));
    fails("Q2_K", "\"Q2_K\"", MODEL);
    fails("absent.gguf", "\"absent.gguf\"", MODEL);
  }

  @Test
  void refusesHuggingFaceFoldersForNow() {
    hub.large("model.safetensors", content(10)).small("config.json", content(10));
    ModelName name = ModelName.of(FakeHub.REPO);
    String message =
        assertThrows(HubException.class, () -> models().pull(name, listener)).getMessage();
    assertTrue(message.contains("no GGUF file") && message.contains("not read yet"), message);
    fails("model.safetensors", "GGUF files only");
  }
}
