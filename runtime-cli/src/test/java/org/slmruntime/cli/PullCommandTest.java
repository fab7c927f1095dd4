package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.json.Json;

/** Models by name: pulled from a stand-in for a hub, and used by every command. */
@Timeout(300)
class PullCommandTest {
  private static final String COMMIT = "c".repeat(40);
  private static final String API = "/api/models/owner/tiny/";
  private static final String FILE = "tiny-F32.gguf";

  @TempDir Path folder;
  private final Map<String, byte[]> answers = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();
  private HttpServer server;
  private byte[] model;

  @BeforeEach
  void serve() throws Exception {
    model = Files.readAllBytes(TinyModel.write(folder));
    String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(model));
    Map<String, Object> content = Map.of("oid", sha256, "size", (long) model.length);
    answer(API + "revision/main", Map.of("sha", COMMIT));
    answer(API + "tree/" + COMMIT, List.of(Map.of("type", "file", "path", FILE, "lfs", content)));
    answers.put("/owner/tiny/resolve/" + COMMIT + "/" + FILE, model);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
    environment.put("HF_ENDPOINT", "http://127.0.0.1:" + server.getAddress().getPort());
    environment.put("HF_HOME", folder.resolve("hf").toString());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(String path, Object json) {
    answers.put(path, Json.write(json).getBytes(StandardCharsets.UTF_8));
  }

  private void handle(HttpExchange e) throws IOException {
    byte[] body = answers.get(e.getRequestURI().getPath());
    try (e) {
      e.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
      if (body != null) {
        e.getResponseBody().write(body);
      }
    }
  }

  private Outcome slm(Object... args) {
    return Outcome.withEnvironment(environment, args);
  }

  @Test
  void printsThePathOfWhatItPulled() throws IOException {
    Outcome pull = slm("pull", "owner/tiny").succeeded();
    Path file = Path.of(pull.out().strip());
    assertEquals(
        folder.resolve("hf/hub/models--owner--tiny/snapshots").resolve(COMMIT).resolve(FILE), file);
    assertArrayEquals(model, Files.readAllBytes(file));
    assertEquals("", pull.err());
    assertEquals(pull.out(), slm("pull", "owner/tiny:f32", "--quiet").succeeded().out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"owner/tiny", "owner/tiny:F32", "owner/tiny:" + FILE})
  void everyCommandTakesTheNameOfWhatWasPulled(String name) {
    Path file = Path.of(slm("pull", name).succeeded().out().strip());
    Object[] run = {"run", file, "--backend", "reference", "-p", "hello", "-n", 5, "--temp", 0};
    String expected = slm(run).succeeded().out();
    run[1] = name;
    assertEquals(expected, slm(run).succeeded().out());
    assertEquals(
        slm("tokenize", file, "hello").succeeded().out(),
        slm("tokenize", name, "hello").succeeded().out());
    Outcome inspect = slm("inspect", name).succeeded();
    assertTrue(inspect.out().startsWith(file.toString()), inspect::toString);
  }

  @Test
  void aFileOfThatNameComesFirst() {
    slm("run", "src/main", "-p", "hi").failedWith(1, "src/main", "is a folder");
  }

  @Test
  void aNameThatWasNotPulledIsToBePulled() {
    String cache = folder.resolve("hf/hub").toString();
    slm("run", "owner/tiny:F32", "-p", "hi")
        .failedWith(1, "owner/tiny:F32", "no such file", cache, "slm pull owner/tiny:F32");
    slm("tokenize", "owner/tiny", "hi").failedWith(1, "slm pull owner/tiny");
    slm("run", "folder/absent.gguf", "-p", "hi").failedWith(1, "folder/absent.gguf: no such file");
    assertFalse(Files.exists(folder.resolve("hf")));
  }

  @Test
  void offlineUsesTheCacheAlone() {
    environment.put("HF_HUB_OFFLINE", "1");
    slm("pull", "owner/tiny").failedWith(1, "owner/tiny", "HF_HUB_OFFLINE");
    environment.remove("HF_HUB_OFFLINE");
    String path = slm("pull", "owner/tiny").succeeded().out();
    environment.put("HF_HUB_OFFLINE", "1");
    environment.put("HF_ENDPOINT", "http://127.0.0.1:1");
    assertEquals(path, slm("pull", "owner/tiny").succeeded().out());
  }

  @Test
  void saysWhatIsWrongInOneLine() {
    slm("pull", "owner/absent").failedWith(1, "owner/absent", "404");
    slm("pull", "owner/tiny:Q9_9").failedWith(1, "\"Q9_9\"", FILE);
    environment.put("HF_TOKEN", "two words");
    slm("pull", "owner/tiny").failedWith(1, "token");
    environment.remove("HF_TOKEN");
    environment.put("HF_ENDPOINT", "nowhere");
    slm("pull", "owner/tiny").failedWith(1, "endpoint");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "a/b/c", "../x", "owner/tiny:../x"})
  void refusesWhatIsNoName(String text) {
    slm("pull", text).failedWith(2, "'" + text + "'", "owner/repo", "slm pull --help");
  }
}
