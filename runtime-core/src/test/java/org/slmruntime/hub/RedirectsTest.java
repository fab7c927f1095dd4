package org.slmruntime.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where requests are led, and what goes with them. */
class RedirectsTest extends HubTest {
  private byte[] content;

  @BeforeEach
  void publish() {
    content = content(100);
    hub.large(MODEL, content);
  }

  @Test
  void theTokenGoesToTheEndpointAndNowhereElse() throws IOException {
    pullExactly(content);
    String expected = "Bearer " + SECRET;
    assertEquals(3, hub.toEndpoint.size());
    assertTrue(hub.toEndpoint.stream().allMatch(r -> expected.equals(r.authorization())));
    assertEquals(1, hub.toStore.size());
    assertTrue(hub.toStore.stream().allMatch(r -> r.authorization() == null));
  }

  @Test
  void theTokenIsNotSentAgainWhereAnotherHostLeadsBack() throws IOException {
    hub.script("/" + MODEL, FakeHub.redirect(302, hub.address() + "/back"));
    hub.script("/back", FakeHub.bytes(content, "tag"));
    pullExactly(content);
    assertEquals(
        Optional.of(true),
        hub.toEndpoint.stream()
            .filter(r -> r.path().equals("/back"))
            .map(r -> r.authorization() == null)
            .findFirst());
  }

  @Test
  void theTokenStaysWithinTheEndpoint() throws IOException {
    hub.script(FakeHub.REVISION, FakeHub.redirect(307, "/moved"));
    hub.script("/moved", e -> FakeHub.json(e, Map.of("sha", FakeHub.COMMIT)));
    pullExactly(content);
    assertTrue(
        hub.toEndpoint.stream()
            .anyMatch(r -> r.path().equals("/moved") && r.authorization() != null));
  }

  @Test
  void anotherNameOfTheSameMachineIsAnotherHost() throws IOException {
    String there = "http://localhost:" + hub.address().getPort() + "/there";
    hub.script(FakeHub.resolve(MODEL), FakeHub.redirect(302, there));
    hub.script("/there", FakeHub.bytes(content, "tag"));
    pullExactly(content);
    assertTrue(
        hub.toEndpoint.stream()
            .anyMatch(r -> r.path().equals("/there") && r.authorization() == null));
  }

  @Test
  void pullsWithoutAToken() {
    new ModelHub(settings(false), limits).pull(ModelName.of(FakeHub.REPO), listener);
    assertTrue(hub.toEndpoint.stream().allMatch(r -> r.authorization() == null));
  }

  @Test
  void endsACircle() {
    for (int i = 0; i < 20; i++) {
      hub.script(FakeHub.resolve(MODEL), FakeHub.redirect(302, FakeHub.resolve(MODEL)));
    }
    fails(MODEL, "more than 10 redirects");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "http://user:password@127.0.0.1/x",
        "http://127.0.0.1:99999/x",
        "http:///x",
        "http://[bad",
        "mailto:someone"
      })
  void refusesToBeLedToWhatIsNoWebAddress(String location) {
    hub.script(FakeHub.resolve(MODEL), FakeHub.redirect(302, location));
    fails(MODEL, "redirects to what is no");
  }

  @Test
  void refusesARedirectToNowhere() {
    hub.script(FakeHub.resolve(MODEL), FakeHub.status(302));
    fails(MODEL, "redirects to nowhere");
  }

  @Test
  void refusesToLeaveEncryption() {
    URI from = URI.create("https://hub.example/a?Signature=secret-signature");
    String message =
        assertThrows(
                HubException.class, () -> WebAddress.follow(from, "http://hub.example/b?secret=1"))
            .getMessage();
    assertEquals(
        "https://hub.example/a: redirects to http://hub.example/b, which is not encrypted",
        message);
    assertEquals(
        URI.create("https://other.example/b"), WebAddress.follow(from, "https://other.example/b"));
    assertEquals(URI.create("https://hub.example/b"), WebAddress.follow(from, "/b"));
  }

  @ParameterizedTest
  @CsvSource({
    "https://hub.example, https://hub.example:443/x, true",
    "https://hub.example, https://HUB.example/x, true",
    "https://hub.example, http://hub.example/x, false",
    "https://hub.example, https://hub.example:444/x, false",
    "https://hub.example, https://hub.example.evil.test/x, false",
    "http://hub.example, http://hub.example:80/x, true"
  })
  void anOriginIsSchemeHostAndPort(URI a, URI b, boolean same) {
    assertEquals(same, WebAddress.sameOrigin(a, b));
  }

  @Test
  void theTokenIsNotSentInClearTextOverANetwork() {
    AccessToken token = new AccessToken(SECRET);
    for (String endpoint : new String[] {"https://hub.example", "http://localhost:1"}) {
      try (HubHttp http = http(endpoint, token)) {
        assertTrue(http.isAuthorized(), endpoint);
      }
    }
    for (String endpoint : new String[] {"http://hub.example", "http://127.0.0.1.evil.test"}) {
      try (HubHttp http = http(endpoint, token)) {
        assertTrue(!http.isAuthorized(), endpoint);
      }
    }
  }

  private HubHttp http(String endpoint, AccessToken token) {
    return new HubHttp(
        new HubSettings(URI.create(endpoint), Optional.of(token), cache, false), limits);
  }
}
