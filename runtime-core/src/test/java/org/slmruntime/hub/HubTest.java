package org.slmruntime.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What tests of pulling share: a stand-in for a hub, an empty cache, random contents. */
@Timeout(120)
abstract class HubTest {
  static final String SECRET = "hf_secret_of_the_test";
  static final String MODEL = "tiny-Q8_0.gguf";

  final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  final Random random = new Random(seed);
  final Queue<String> notices = new ConcurrentLinkedQueue<>();
  final PullListener listener =
      new PullListener() {
        @Override
        public void onNotice(String text) {
          notices.add(text);
        }
      };

  @TempDir Path folder;
  Path cache;
  FakeHub hub;

  /** As patient as a test may be. */
  HubLimits limits =
      new HubLimits(
          4,
          500,
          Duration.ofMinutes(1),
          Duration.ofMillis(1),
          Duration.ofSeconds(3),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          100_000);

  @BeforeEach
  void start() throws IOException {
    cache = folder.resolve("cache");
    hub = new FakeHub();
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  byte[] content(int least) {
    byte[] bytes = new byte[least + random.nextInt(5000)];
    random.nextBytes(bytes);
    return bytes;
  }

  HubSettings settings(boolean withToken) {
    Optional<AccessToken> token =
        withToken ? Optional.of(new AccessToken(SECRET)) : Optional.empty();
    return new HubSettings(hub.address(), token, cache, false);
  }

  ModelHub models() {
    return new ModelHub(settings(true), limits);
  }

  Path pull(String file) {
    return models().pull(ModelName.of(FakeHub.REPO + ":" + file), listener);
  }

  /** Pulls {@link #MODEL} and expects it to be this. */
  Path pullExactly(byte[] expected) throws IOException {
    Path file = pull(MODEL);
    assertArrayEquals(expected, Files.readAllBytes(file), "seed " + seed);
    return file;
  }

  /** Expects a failure whose message has these parts, and nothing that is secret. */
  void fails(String file, String... parts) {
    String message = assertThrows(HubException.class, () -> pull(file), this::shown).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "no \"" + part + "\" in: " + message + shown());
    }
    assertFalse(message.contains("\n"), message);
    String told = message + notices;
    assertFalse(told.contains(SECRET) || told.contains("secret-signature"), told);
  }

  private String shown() {
    return ", seed " + seed;
  }

  RepoFolder repo() {
    return RepoFolder.of(cache, ModelName.of(FakeHub.REPO));
  }

  Path incomplete(byte[] content) {
    return repo().incomplete(new BlobId(BlobId.Kind.SHA256, FakeHub.sha256(content)));
  }

  /** Leaves the beginning of a content as an earlier download would. */
  void leave(byte[] bytes, byte[] content) throws IOException {
    Files.createDirectories(incomplete(content).getParent());
    Files.write(incomplete(content), bytes);
  }

  /** The ranges that the store was asked for. */
  List<String> ranges() {
    return hub.toStore.stream().map(r -> r.range() == null ? "all" : r.range()).toList();
  }
}
