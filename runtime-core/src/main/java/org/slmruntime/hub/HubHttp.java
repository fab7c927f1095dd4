package org.slmruntime.hub;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Requests to an endpoint. Redirects are followed by hand, so that the token goes with a request
 * only as long as the endpoint itself is asked: once a redirect has led elsewhere, it is not sent
 * again, even if another leads back.
 */
final class HubHttp implements AutoCloseable {
  private static final int MAX_REDIRECTS = 10;
  private static final Duration CONNECTING = Duration.ofSeconds(20);
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final HubSettings settings;
  private final HubLimits limits;
  private final HttpClient client;

  HubHttp(HubSettings settings, HubLimits limits) {
    this.settings = settings;
    this.limits = limits;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECTING)
            .build();
  }

  /** Whether there is a token and it may be sent: not in clear text over a network. */
  boolean isAuthorized() {
    URI endpoint = settings.endpoint();
    return settings.token().isPresent()
        && (WebAddress.isEncrypted(endpoint) || WebAddress.isLoopback(endpoint));
  }

  /**
   * Asks for something at the endpoint.
   *
   * @param from first byte that is wanted; 0 asks for all
   * @throws IOException if there is no answer, which may be otherwise the next time
   * @throws HubException if the redirects are refused
   */
  HubAnswer get(URI start, long from) throws IOException {
    URI uri = start;
    boolean atEndpoint = true;
    HttpHeaders own = HttpHeaders.of(Map.of(), (_, _) -> true);
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      atEndpoint = atEndpoint && WebAddress.sameOrigin(uri, settings.endpoint());
      HttpResponse<HttpBody> response = send(request(uri, from, atEndpoint));
      own = atEndpoint ? response.headers() : own;
      if (!REDIRECTS.contains(response.statusCode())) {
        return new HubAnswer(uri, response.statusCode(), response.headers(), own, response.body());
      }
      response.body().close();
      uri = WebAddress.follow(uri, response.headers().firstValue("location").orElse(""));
    }
    throw new HubException(WebAddress.shown(start) + ": more than " + MAX_REDIRECTS + " redirects");
  }

  private HttpRequest request(URI uri, long from, boolean atEndpoint) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(limits.silence())
            .header("User-Agent", "slm-runtime")
            .header("Accept-Encoding", "identity");
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    if (atEndpoint && isAuthorized()) {
      settings.token().ifPresent(t -> request.header("Authorization", t.authorization()));
    }
    return request.build();
  }

  private HttpResponse<HttpBody> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, _ -> new HttpBody(limits.silence()));
    } catch (InterruptedException e) {
      throw HubException.interrupted(e);
    }
  }

  /** Breaks off what still runs. */
  @Override
  public void close() {
    client.shutdownNow();
  }
}
