package org.slmruntime.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections that break, servers that send nonsense, and what is left of earlier downloads. */
class DownloadFaultsTest extends HubTest {
  private static final String PATH = "/" + MODEL;

  private byte[] content;

  @BeforeEach
  void publish() {
    content = content(4000);
    hub.large(MODEL, content);
  }

  /** An answer whose headers and length are as given, and which then sends these bytes. */
  private static FakeHub.Answer answer(int status, long length, byte[] bytes, String... headers) {
    return e -> {
      for (int i = 0; i < headers.length; i += 2) {
        e.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      e.sendResponseHeaders(status, length);
      e.getResponseBody().write(bytes);
      e.getResponseBody().flush();
    };
  }

  private byte[] from(int start) {
    return Arrays.copyOfRange(content, start, content.length);
  }

  @Test
  void goesOnWhereTheConnectionBroke() throws IOException {
    hub.script(PATH, FakeHub.cut(content, 1000), FakeHub.cut(content, 2500));
    pullExactly(content);
    assertEquals(3, ranges().size(), "seed " + seed);
    assertEquals("all", ranges().getFirst());
    assertTrue(ranges().get(1).matches("bytes=\\d+-"), ranges()::toString);
    assertTrue(notices.stream().allMatch(n -> n.contains("trying again")), notices::toString);
  }

  @Test
  void isPatientWithAServerThatBreaksOftenButBringsMuch() throws IOException {
    for (int end = 600; end < 3600; end += 600) {
      hub.script(PATH, FakeHub.cut(content, end));
    }
    pullExactly(content);
  }

  @Test
  void givesUpOnAServerThatBringsLittleAndKeepsThat() throws IOException {
    hub.script(
        PATH,
        FakeHub.cut(content, 10),
        FakeHub.cut(content, 20),
        FakeHub.cut(content, 30),
        FakeHub.cut(content, 40));
    fails(MODEL, MODEL, "tried 4 times");
    byte[] kept = Files.readAllBytes(incomplete(content));
    assertArrayEquals(Arrays.copyOf(content, kept.length), kept, "seed " + seed);
    pullExactly(content);
  }

  @Test
  void goesOnWithWhatAnEarlierDownloadLeft() throws IOException {
    leave(Arrays.copyOf(content, 1234), content);
    pullExactly(content);
    assertEquals(List.of("bytes=1234-"), ranges());
  }

  @Test
  void asksForNothingWhereOnlyTheLastStepIsMissing() throws IOException {
    leave(content, content);
    pullExactly(content);
    assertEquals(List.of(), ranges());
  }

  @Test
  void startsAnewWhereWhatWasLeftIsDamaged() throws IOException {
    byte[] damaged = Arrays.copyOf(content, 1234);
    damaged[random.nextInt(1234)] ^= 1;
    leave(damaged, content);
    pullExactly(content);
    assertEquals(List.of("bytes=1234-", "all"), ranges());
  }

  @Test
  void throwsAwayMoreThanThereShouldBe() throws IOException {
    leave(Arrays.copyOf(content, content.length + 1), content);
    pullExactly(content);
    assertEquals(List.of("all"), ranges());
  }

  @Test
  void startsAnewWhereTheServerGivesNoParts() throws IOException {
    leave(Arrays.copyOf(content, 1234), content);
    hub.script(PATH, answer(200, content.length, content));
    pullExactly(content);
  }

  @Test
  void keepsNothingThatIsDamaged() throws IOException {
    byte[] damaged = content.clone();
    damaged[random.nextInt(damaged.length)] ^= 1;
    hub.script(PATH, answer(200, damaged.length, damaged));
    fails(MODEL, MODEL, "checksum", FakeHub.sha256(content), FakeHub.sha256(damaged));
    assertFalse(Files.exists(incomplete(content)));
    pullExactly(content);
  }

  @Test
  void refusesALengthThatIsNotTheListed() {
    hub.script(PATH, answer(200, content.length + 1, content));
    fails(MODEL, MODEL, "" + content.length, "" + (content.length + 1));
    hub.script(PATH, answer(200, content.length - 1, from(1)));
    fails(MODEL, MODEL, "" + content.length, "" + (content.length - 1));
  }

  @Test
  void refusesABodyWithoutEnd() throws IOException {
    hub.script(
        PATH,
        e -> {
          e.sendResponseHeaders(200, 0); // Chunks.
          OutputStream out = e.getResponseBody();
          for (int i = 0; i < 1000; i++) {
            out.write(content);
          }
        });
    fails(MODEL, MODEL, "more than the " + content.length + " bytes");
    assertTrue(Files.size(incomplete(content)) <= content.length, "seed " + seed);
    pullExactly(content);
  }

  @Test
  void refusesOtherBytesThanItAskedFor() throws IOException {
    leave(Arrays.copyOf(content, 1000), content);
    int size = content.length;
    List<String> wrong =
        List.of(
            "bytes 999-" + (size - 1) + "/" + size,
            "bytes 1000-" + size + "/" + size,
            "bytes 1000-" + (size - 1) + "/" + (size + 1),
            "bytes 1000-999/" + size,
            "bytes 1000-" + "9".repeat(30) + "/" + size,
            "bytes */" + size,
            "words 1000-1001/" + size);
    for (String range : wrong) {
      hub.script(PATH, answer(206, size - 1000, from(1000), "Content-Range", range));
      fails(MODEL, MODEL, "byte 1000", range.substring(0, 7));
    }
    hub.script(PATH, answer(206, size - 1000, from(1000)));
    fails(MODEL, MODEL, "byte 1000");
    pullExactly(content);
  }

  @Test
  void takesAPartOfUnknownWhole() throws IOException {
    leave(Arrays.copyOf(content, 1000), content);
    String range = "bytes 1000-" + (content.length - 1) + "/*";
    hub.script(PATH, answer(206, content.length - 1000, from(1000), "Content-Range", range));
    pullExactly(content);
  }

  @Test
  void refusesARangeThatTheServerDoesNotHave() throws IOException {
    leave(Arrays.copyOf(content, 1000), content);
    hub.script(PATH, FakeHub.status(416));
    fails(MODEL, MODEL, "byte 1000", "416");
  }

  @Test
  void refusesAContentThatChangesBetweenParts() {
    hub.script(PATH, FakeHub.cut(content, 1000), FakeHub.bytes(content, "another"));
    fails(MODEL, MODEL, "changed", "\"tag\"", "\"another\"");
  }

  @Test
  void refusesAContentThatIsNotTheListed() {
    String link = hub.storeAddress() + PATH;
    String other = "b".repeat(64);
    hub.script(
        FakeHub.resolve(MODEL),
        FakeHub.status(302, "Location", link, "X-Linked-Etag", '"' + other + '"'));
    fails(MODEL, MODEL, "changed", FakeHub.sha256(content), other);
    hub.script(
        FakeHub.resolve(MODEL), FakeHub.status(302, "Location", link, "X-Linked-Size", "17"));
    fails(MODEL, MODEL, "changed", "" + content.length, "\"17\"");
  }

  @Test
  void refusesAnEncodedBody() {
    hub.script(PATH, answer(200, content.length, content, "Content-Encoding", "gzip"));
    fails(MODEL, MODEL, "gzip");
  }

  @Test
  void asksAgainWhereTheServerFallsSilent() throws IOException {
    beQuick(limits.slowest(), Duration.ofMillis(500));
    hub.script(PATH, hub.stall(content, 1000));
    pullExactly(content);
    assertEquals(List.of("all", "bytes=1000-"), ranges());
  }

  @Test
  void givesUpOnAServerThatDrips() throws IOException {
    beQuick(Duration.ofMillis(200), limits.silence());
    FakeHub.Answer drip = hub.drip(content);
    hub.script(PATH, drip, drip, drip, drip);
    fails(MODEL, MODEL, "only ", "tried 4 times");
    pullExactly(content);
  }

  private void beQuick(Duration slowest, Duration silence) {
    limits =
        new HubLimits(
            limits.attempts(),
            limits.progress(),
            slowest,
            limits.firstWait(),
            limits.longestWait(),
            silence,
            limits.answerTime(),
            limits.answerBytes());
  }

  @Test
  void keepsWhatHasComeWhenItIsInterrupted() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    hub.script(PATH, e -> stall(e, begun));
    FutureTask<Boolean> pulling = new FutureTask<>(() -> fails(MODEL, "interrupted"), true);
    Thread puller = Thread.ofPlatform().start(pulling);
    assertTrue(begun.await(60, TimeUnit.SECONDS));
    while (puller.isAlive() && Files.size(incomplete(content)) < 1000) {
      Thread.sleep(5);
    }
    puller.interrupt();
    assertTrue(pulling.get());
    byte[] kept = Files.readAllBytes(incomplete(content));
    assertArrayEquals(Arrays.copyOf(content, 1000), kept, "seed " + seed);
    pullExactly(content);
    assertEquals(List.of("all", "bytes=1000-"), ranges());
  }

  private void stall(HttpExchange e, CountDownLatch begun) throws IOException {
    begun.countDown();
    hub.stall(content, 1000).to(e);
  }
}
