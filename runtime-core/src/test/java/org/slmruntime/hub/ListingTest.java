package org.slmruntime.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.json.Json;

/** Lists of files that servers send. */
class ListingTest extends HubTest {
  private byte[] content;

  @BeforeEach
  void publish() {
    content = content(100);
    hub.large(MODEL, content);
  }

  private static FakeHub.Answer text(String text) {
    return e -> {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      e.sendResponseHeaders(200, bytes.length);
      e.getResponseBody().write(bytes);
    };
  }

  /** A list with one file, of which something is other than it should be. */
  private static FakeHub.Answer listing(String key, Object value) {
    Map<String, Object> file = new HashMap<>();
    file.put("type", "file");
    file.put("path", MODEL);
    file.put("oid", "a".repeat(40));
    file.put("size", 10L);
    file.put(key, value);
    return e -> FakeHub.json(e, List.of(file));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../tiny-Q8_0.gguf",
        "a/../../x.gguf",
        "/etc/x.gguf",
        "a//x.gguf",
        "./x.gguf",
        "a/.",
        "a\\x.gguf",
        "..\\x.gguf",
        "x\u0000.gguf",
        "x\n.gguf",
        "x\u001b[31m.gguf",
        ""
      })
  void refusesNamesThatLeadElsewhere(String path) {
    hub.script(FakeHub.TREE, listing("path", path));
    fails(MODEL, "not a file name that can be used");
    assertFalse(Files.exists(cache));
  }

  @Test
  void refusesANameWithoutEnd() {
    hub.script(FakeHub.TREE, listing("path", "x".repeat(5000)));
    fails(MODEL, "not a file name that can be used");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "main", "../../x", "0123", "0123456789ABCDEF0123456789ABCDEF01234567"})
  void refusesACommitThatIsNone(String commit) {
    hub.script(FakeHub.REVISION, e -> FakeHub.json(e, Map.of("sha", commit)));
    hub.script("/api/models/" + FakeHub.REPO + "/tree/" + commit, text("[]"));
    fails(MODEL, "commit");
    assertEquals(1, hub.toEndpoint.size());
  }

  @Test
  void refusesChecksumsThatAreNone() {
    for (Object oid : List.of("", "../../../x", "A".repeat(40), "a".repeat(64))) {
      hub.script(FakeHub.TREE, listing("oid", oid));
      fails(MODEL, "checksum");
    }
    for (String oid : List.of("a".repeat(40), "../" + "a".repeat(61))) {
      hub.script(FakeHub.TREE, listing("lfs", Map.of("oid", oid, "size", 10L)));
      fails(MODEL, "checksum");
    }
  }

  @Test
  void refusesSizesThatAreNone() {
    for (Object size : List.of(-1L, Long.MAX_VALUE, 1L << 51)) {
      hub.script(FakeHub.TREE, listing("size", size));
      fails(MODEL, MODEL, "" + size);
    }
    for (Object size : List.of(1.5, 1e300, "10", List.of())) {
      hub.script(FakeHub.TREE, listing("size", size));
      fails(MODEL, "\"size\"", "whole number");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "[",
        "[1]",
        "{}",
        "[{\"type\":\"file\"}]",
        "null",
        "[{\"type\":\"file\",",
        "[{\"type\":\"file\",\"path\":1}]",
        "[{\"type\":\"file\",\"path\":\"a\",\"lfs\":[]}]"
      })
  void refusesWhatIsNoList(String text) {
    hub.script(FakeHub.TREE, text(text));
    fails(MODEL, hub.address() + " does not answer as a hub does");
  }

  @Test
  void refusesDeepNesting() {
    hub.script(FakeHub.TREE, text("[".repeat(50_000)));
    fails(MODEL, "does not answer as a hub does", "nesting");
  }

  @Test
  void refusesAnAnswerWithoutEnd() {
    hub.script(
        FakeHub.TREE,
        e -> {
          e.sendResponseHeaders(200, 0);
          OutputStream out = e.getResponseBody();
          byte[] spaces = " ".repeat(8192).getBytes(StandardCharsets.US_ASCII);
          for (int i = 0; i < 2000; i++) {
            out.write(spaces);
          }
        });
    fails(MODEL, FakeHub.TREE, "more than " + limits.answerBytes() + " bytes");
  }

  @Test
  void readsAListOfSeveralPagesFromTheEndpointAlone() throws IOException {
    FakeHub.Answer first =
        e -> {
          // A mirror may pass on its origin's addresses: only what is behind the ? counts.
          String next = "<http://127.0.0.1:1/elsewhere?recursive=true&cursor=2>; rel=\"next\"";
          e.getResponseHeaders().set("Link", next);
          FakeHub.json(e, List.of());
        };
    hub.script(FakeHub.TREE, first, first);
    pullExactly(content);
    assertEquals(3, hub.toEndpoint.stream().filter(r -> r.path().equals(FakeHub.TREE)).count());
  }

  @Test
  void endsAListWithoutEnd() {
    for (int i = 0; i < 201; i++) {
      hub.script(FakeHub.TREE, ListingTest::another);
    }
    fails(MODEL, "has no end");
  }

  private static void another(HttpExchange e) throws IOException {
    e.getResponseHeaders().set("Link", "</more?cursor=1>; rel=\"next\"");
    FakeHub.json(e, List.of());
  }

  @Test
  void refusesANextPageWithoutAddress() {
    hub.script(
        FakeHub.TREE,
        e -> {
          e.getResponseHeaders().set("Link", "</more?a b^c>; rel=\"next\"");
          FakeHub.json(e, List.of());
        });
    fails(MODEL, "no address");
  }

  @Test
  void fuzzedListsNeverGiveMoreThanTypedErrors() {
    byte[] good = Json.write(hub.listing()).getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 100; i++) {
      byte[] bad = good.clone();
      for (int n = random.nextInt(1, 5); n > 0; n--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(32, 127);
      }
      hub.script(FakeHub.TREE, text(new String(bad, StandardCharsets.UTF_8)));
      try {
        assertTrue(pull(MODEL).startsWith(cache), "seed " + seed);
      } catch (HubException e) {
        assertFalse(e.getMessage().isEmpty(), "seed " + seed);
      }
    }
  }
}
