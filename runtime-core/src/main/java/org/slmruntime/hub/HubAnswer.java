package org.slmruntime.hub;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Optional;

/**
 * The answer after all redirects. Closing it gives up the rest of the body.
 *
 * @param uri where it came from in the end
 * @param headers of this answer
 * @param endpointHeaders of the last answer that the endpoint itself gave, which may be a redirect
 */
record HubAnswer(
    URI uri, int status, HttpHeaders headers, HttpHeaders endpointHeaders, HttpBody body)
    implements AutoCloseable {
  Optional<String> header(String name) {
    return headers.firstValue(name);
  }

  /** What the endpoint says about a file whose bytes come from elsewhere. */
  Optional<String> endpointHeader(String name) {
    return endpointHeaders.firstValue(name);
  }

  @Override
  public void close() {
    body.close();
  }
}
