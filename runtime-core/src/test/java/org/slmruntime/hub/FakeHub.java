package org.slmruntime.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slmruntime.json.Json;

/**
 * A stand-in for an endpoint and for the other host that it keeps large files on, both on the
 * loopback interface. It behaves well unless a test scripts answers, which are used up in turn.
 */
final class FakeHub implements AutoCloseable {
  static final String REPO = "owner/tiny";
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  static final String REVISION = "/api/models/" + REPO + "/revision/main";
  static final String TREE = "/api/models/" + REPO + "/tree/" + COMMIT;

  private static final int THREADS = 8;

  /** What a server does with one request. */
  @FunctionalInterface
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  /**
   * A request that came.
   *
   * @param range and {@code authorization}: null where it had none
   */
  record Request(String path, String range, String authorization) {}

  /** A file of the repository, by its path. */
  private record Content(byte[] bytes, boolean large) {}

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final HttpServer endpoint = server();
  private final HttpServer store = server();
  private final Map<String, Content> files = new TreeMap<>();
  private final Map<String, Queue<Answer>> scripts = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  final Queue<Request> toEndpoint = new ConcurrentLinkedQueue<>();
  final Queue<Request> toStore = new ConcurrentLinkedQueue<>();

  FakeHub() throws IOException {
    endpoint.createContext("/", e -> serve(e, toEndpoint, this::hub));
    store.createContext("/", e -> serve(e, toStore, this::stored));
    endpoint.start();
    store.start();
  }

  private HttpServer server() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(any, 0);
    server.setExecutor(threads);
    return server;
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + endpoint.getAddress().getPort());
  }

  URI storeAddress() {
    return URI.create("http://127.0.0.1:" + store.getAddress().getPort());
  }

  /** Adds a large file, whose bytes are at the store. */
  FakeHub large(String path, byte[] bytes) {
    files.put(path, new Content(bytes, true));
    return this;
  }

  /** Adds a file that the endpoint itself has. */
  FakeHub small(String path, byte[] bytes) {
    files.put(path, new Content(bytes, false));
    return this;
  }

  /** The next requests for a path, at either host, are answered so. */
  FakeHub script(String path, Answer... answers) {
    scripts
        .computeIfAbsent(path, _ -> new ConcurrentLinkedQueue<>())
        .addAll(Arrays.asList(answers));
    return this;
  }

  static String resolve(String path) {
    return "/" + REPO + "/resolve/" + COMMIT + "/" + path;
  }

  private void serve(HttpExchange e, Queue<Request> log, Answer usual) throws IOException {
    String path = e.getRequestURI().getPath();
    log.add(
        new Request(
            path,
            e.getRequestHeaders().getFirst("Range"),
            e.getRequestHeaders().getFirst("Authorization")));
    Queue<Answer> script = scripts.get(path);
    Answer next = script == null ? null : script.poll();
    try (e) {
      (next == null ? usual : next).to(e);
    }
  }

  private void hub(HttpExchange e) throws IOException {
    String path = e.getRequestURI().getPath();
    if (path.equals(REVISION)) {
      json(e, Map.of("id", REPO, "sha", COMMIT));
    } else if (path.equals(TREE)) {
      json(e, listing());
    } else if (path.startsWith(resolve(""))
        && files.containsKey(path.substring(resolve("").length()))) {
      file(e, path.substring(resolve("").length()));
    } else {
      status(404).to(e);
    }
  }

  private void file(HttpExchange e, String path) throws IOException {
    Content content = files.get(path);
    if (!content.large) {
      bytes(content.bytes, gitSha1(content.bytes)).to(e);
      return;
    }
    e.getResponseHeaders().set("X-Linked-Etag", '"' + sha256(content.bytes) + '"');
    e.getResponseHeaders().set("X-Linked-Size", "" + content.bytes.length);
    redirect(302, storeAddress() + "/" + path + "?Signature=secret-signature").to(e);
  }

  private void stored(HttpExchange e) throws IOException {
    Content content = files.get(e.getRequestURI().getPath().substring(1));
    (content == null ? status(404) : bytes(content.bytes, "tag")).to(e);
  }

  List<Object> listing() {
    List<Object> list = new ArrayList<>();
    list.add(Map.of("type", "directory", "path", "folder", "oid", "0".repeat(40), "size", 0L));
    files.forEach((path, content) -> list.add(entry(path, content)));
    return list;
  }

  private static Map<String, Object> entry(String path, Content content) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("type", "file");
    entry.put("path", path);
    entry.put("size", (long) content.bytes.length);
    entry.put("oid", content.large ? "f".repeat(40) : gitSha1(content.bytes));
    if (content.large) {
      entry.put("lfs", Map.of("oid", sha256(content.bytes), "size", (long) content.bytes.length));
    }
    return entry;
  }

  static void json(HttpExchange e, Object value) throws IOException {
    send(e, 200, Json.write(value).getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange e, int status, byte[] body) throws IOException {
    e.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = e.getResponseBody()) {
      out.write(body);
    }
  }

  /** An empty answer. */
  static Answer status(int status, String... headers) {
    return e -> {
      for (int i = 0; i < headers.length; i += 2) {
        e.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      e.sendResponseHeaders(status, -1);
    };
  }

  static Answer redirect(int status, String location) {
    return status(status, "Location", location);
  }

  /** All bytes, or those from where the request wants them. */
  static Answer bytes(byte[] content, String etag) {
    return e -> {
      int from = begin(e, content, etag);
      e.sendResponseHeaders(
          from > 0 ? 206 : 200, content.length == from ? -1 : content.length - from);
      e.getResponseBody().write(content, from, content.length - from);
    };
  }

  /** The same, but the connection breaks when there is all up to {@code end}. */
  static Answer cut(byte[] content, int end) {
    return e -> {
      int from = begin(e, content, "tag");
      e.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
      e.getResponseBody().write(content, from, Math.max(0, end - from));
      e.getResponseBody().flush();
    };
  }

  /** The same, but then nothing more comes. */
  Answer stall(byte[] content, int end) {
    return e -> {
      cut(content, end).to(e);
      await(20_000);
    };
  }

  /** The same, byte by byte with pauses, until nobody listens any more. */
  Answer drip(byte[] content) {
    return e -> {
      int from = begin(e, content, "tag");
      e.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
      for (int i = from; i < content.length && closing.getCount() > 0; i++) {
        e.getResponseBody().write(content[i]);
        e.getResponseBody().flush();
        await(20);
      }
    };
  }

  private void await(long millis) {
    try {
      closing.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static int begin(HttpExchange e, byte[] content, String etag) {
    String range = e.getRequestHeaders().getFirst("Range");
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    e.getResponseHeaders().set("ETag", '"' + etag + '"');
    if (from > 0) {
      String part = "bytes " + from + "-" + (content.length - 1) + "/" + content.length;
      e.getResponseHeaders().set("Content-Range", part);
    }
    return from;
  }

  static String sha256(byte[] bytes) {
    return hex("SHA-256", bytes);
  }

  static String gitSha1(byte[] bytes) {
    byte[] head = ("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(head, head.length + bytes.length);
    System.arraycopy(bytes, 0, all, head.length, bytes.length);
    return hex("SHA-1", all);
  }

  private static String hex(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    closing.countDown();
    endpoint.stop(0);
    store.stop(0);
    threads.shutdownNow();
  }
}
