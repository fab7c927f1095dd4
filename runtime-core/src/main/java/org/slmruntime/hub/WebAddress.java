package org.slmruntime.hub;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Addresses of a hub: made, compared, followed and shown. */
final class WebAddress {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final int MAX_PORT = 65535;

  private WebAddress() {}

  /** Returns the endpoint without slashes at its end, or refuses it. */
  static URI checkEndpoint(URI endpoint) {
    boolean plain =
        isWeb(endpoint) && endpoint.getRawQuery() == null && endpoint.getRawFragment() == null;
    if (!plain) {
      // Not shown whole: it may hold a password.
      throw new HubException(
          "the endpoint must be an http or https address without user name, query and fragment,"
              + " like "
              + HubSettings.DEFAULT_ENDPOINT);
    }
    return URI.create(endpoint.toASCIIString().replaceFirst("/+$", ""));
  }

  private static boolean isWeb(URI uri) {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    return (scheme.equals("http") || scheme.equals("https"))
        && uri.getHost() != null
        && uri.getRawUserInfo() == null
        && port(uri) > 0
        && port(uri) <= MAX_PORT;
  }

  /**
   * The address of something at an endpoint.
   *
   * @param path without a slash before it; any characters
   * @param query as it is sent, or empty for none; may come from a server
   */
  static URI at(URI endpoint, String path, String query) {
    String encoded =
        Arrays.stream(path.split("/", -1)).map(WebAddress::encode).collect(Collectors.joining("/"));
    try {
      return new URI(endpoint + "/" + encoded + (query.isEmpty() ? "" : "?" + query));
    } catch (URISyntaxException e) {
      throw new HubException(shown(endpoint) + ": its next page has no address", e);
    }
  }

  /** Forms and paths differ in how they write a space. */
  private static String encode(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * Where a redirect leads.
   *
   * @param location as the server says it; empty if it does not
   * @throws HubException if that is nowhere, or to a place without encryption from one that has it
   */
  static URI follow(URI from, String location) {
    if (location.isEmpty()) {
      throw new HubException(shown(from) + ": redirects to nowhere");
    }
    URI to;
    try {
      to = from.resolve(new URI(location));
    } catch (URISyntaxException _) {
      throw new HubException(shown(from) + ": redirects to what is no address");
    }
    if (!isWeb(to)) {
      throw new HubException(shown(from) + ": redirects to what is no http or https address");
    }
    if (isEncrypted(from) && !isEncrypted(to)) {
      throw new HubException(
          shown(from) + ": redirects to " + shown(to) + ", which is not encrypted");
    }
    return to;
  }

  static boolean isEncrypted(URI uri) {
    return uri.getScheme().equalsIgnoreCase("https");
  }

  /** Whether what is sent there stays on this machine. */
  static boolean isLoopback(URI uri) {
    return LOOPBACK.contains(uri.getHost().toLowerCase(Locale.ROOT));
  }

  /** Whether both are served by the same scheme, host and port. */
  static boolean sameOrigin(URI a, URI b) {
    return a.getScheme().equalsIgnoreCase(b.getScheme())
        && a.getHost().equalsIgnoreCase(b.getHost())
        && port(a) == port(b);
  }

  private static int port(URI uri) {
    int standard = uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    return uri.getPort() < 0 ? standard : uri.getPort();
  }

  /** For messages: without the query, which may be signed. */
  static String shown(URI uri) {
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    return uri.getScheme() + "://" + uri.getRawAuthority() + path;
  }
}
