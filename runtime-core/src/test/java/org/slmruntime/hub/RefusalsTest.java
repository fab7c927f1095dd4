package org.slmruntime.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user is told when the server says no, and when that is tried again. */
class RefusalsTest extends HubTest {
  private byte[] content;

  @BeforeEach
  void publish() {
    content = content(100);
    hub.large(MODEL, content);
  }

  private void failsWithoutToken(String... parts) {
    ModelHub models = new ModelHub(settings(false), limits);
    ModelName name = ModelName.of(FakeHub.REPO);
    String message =
        assertThrows(HubException.class, () -> models.pull(name, listener)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void asksForATokenWhereStrangersAreRefused() {
    hub.script(FakeHub.REVISION, FakeHub.status(401));
    failsWithoutToken(FakeHub.REPO, "401", "check the name", "HF_TOKEN");
  }

  @Test
  void asksForAValidToken() {
    hub.script(FakeHub.REVISION, FakeHub.status(401));
    fails(MODEL, FakeHub.REPO, "token is not valid", "401", "HF_TOKEN");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void asksToAcceptTheLicenceOfAGatedModel(int status) {
    hub.script(FakeHub.resolve(MODEL), FakeHub.status(status, "X-Error-Code", "GatedRepo"));
    fails(MODEL, "gated", "accept its licence at " + hub.address() + "/" + FakeHub.REPO);
  }

  @Test
  void saysWhereConditionsAreToBeSeen() {
    hub.script(FakeHub.REVISION, FakeHub.status(403));
    fails(MODEL, "403", hub.address() + "/" + FakeHub.REPO, "HF_TOKEN");
  }

  @Test
  void asksToCheckANameThatIsNotThere() {
    String message =
        assertThrows(
                HubException.class, () -> models().pull(ModelName.of("owner/absent"), listener))
            .getMessage();
    assertTrue(message.contains("owner/absent") && message.contains("404"), message);
    assertEquals(1, hub.toEndpoint.size());
  }

  @Test
  void namesAStatusThatItDoesNotKnow() {
    hub.script(FakeHub.REVISION, FakeHub.status(418));
    fails(MODEL, "418", FakeHub.REVISION);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void triesAgainWhatMayPass(int status) throws IOException {
    hub.script(FakeHub.REVISION, FakeHub.status(status));
    hub.script(FakeHub.TREE, FakeHub.status(status), FakeHub.status(status));
    hub.script(FakeHub.resolve(MODEL), FakeHub.status(status));
    hub.script("/" + MODEL, FakeHub.status(status));
    pullExactly(content);
    assertEquals(5, notices.size());
    assertTrue(notices.stream().allMatch(n -> n.contains("" + status)), notices::toString);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404})
  void asksTheEndpointForANewAddressWhereTheOldHasExpired(int status) throws IOException {
    hub.script("/" + MODEL, FakeHub.status(status));
    pullExactly(content);
    assertEquals(2, hub.toEndpoint.stream().filter(r -> r.path().endsWith(MODEL)).count());
  }

  @Test
  void givesUpOnWhatDoesNotPass() {
    for (int i = 0; i < 4; i++) {
      hub.script(FakeHub.REVISION, FakeHub.status(503));
    }
    fails(MODEL, "503", "tried 4 times");
    assertEquals(4, hub.toEndpoint.size());
  }

  @Test
  void waitsAsLongAsTheServerAsks() throws IOException {
    hub.script(FakeHub.REVISION, FakeHub.status(429, "Retry-After", "1"));
    pullExactly(content);
    assertTrue(notices.peek().endsWith("trying again in 1 s"), notices::toString);
  }

  @Test
  void doesNotWaitForLongerThanItMay() {
    String tomorrow =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC).plusDays(1));
    for (String wait : new String[] {"4", "9".repeat(40), tomorrow}) {
      hub.script(FakeHub.REVISION, FakeHub.status(429, "Retry-After", wait));
      fails(MODEL, "429", "asks to try again in");
    }
    assertEquals(3, hub.toEndpoint.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "-5", "1e9", "Wed, 21 Oct 2015 07:28:00 GMT"})
  void makesNothingOfAWaitThatIsNone(String wait) throws IOException {
    hub.script(FakeHub.REVISION, FakeHub.status(503, "Retry-After", wait));
    pullExactly(content);
  }

  @Test
  void saysThatNobodyIsThere() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    URI nobody = URI.create("http://127.0.0.1:" + free);
    ModelHub models = new ModelHub(new HubSettings(nobody, Optional.empty(), cache, false), limits);
    String message =
        assertThrows(HubException.class, () -> models.pull(ModelName.of(FakeHub.REPO), listener))
            .getMessage();
    assertTrue(message.startsWith(nobody + "/api/") && message.contains("tried 4"), message);
  }
}
