package org.slmruntime.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where models are pulled from and kept, as the variables of Hugging Face's own tools say it.
 *
 * @param endpoint http or https, possibly with a path; without user name, query or fragment
 * @param token sent to the endpoint, if that is encrypted or this machine
 * @param cache the folder that holds {@code models--owner--repo}
 * @param offline whether no network may be used
 * @see <a
 *     href="https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables">
 *     Environment variables of huggingface_hub</a>
 */
public record HubSettings(URI endpoint, Optional<AccessToken> token, Path cache, boolean offline) {
  /** {@code https://huggingface.co}. */
  public static final URI DEFAULT_ENDPOINT = URI.create("https://huggingface.co");

  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

  public HubSettings {
    endpoint = WebAddress.checkEndpoint(endpoint);
  }

  /** As this process's environment says. */
  public static HubSettings fromEnvironment() {
    return fromEnvironment(System.getenv(), home());
  }

  /**
   * Reads {@code HF_ENDPOINT}, {@code HF_TOKEN} (or the file {@code HF_TOKEN_PATH}, by default
   * {@code token} in {@code HF_HOME}), {@code HF_HUB_OFFLINE} and what {@link #cache(Map, Path)}
   * reads.
   *
   * @param home the user's folder
   * @throws HubException if a value is not what it should be
   */
  public static HubSettings fromEnvironment(Map<String, String> environment, Path home) {
    URI endpoint = value(environment, "HF_ENDPOINT").map(HubSettings::uri).orElse(DEFAULT_ENDPOINT);
    Optional<AccessToken> token =
        value(environment, "HF_TOKEN").or(() -> tokenFile(environment, home)).map(AccessToken::new);
    boolean offline =
        value(environment, "HF_HUB_OFFLINE").filter(v -> TRUE.contains(upper(v))).isPresent();
    return new HubSettings(endpoint, token, cache(environment, home), offline);
  }

  /**
   * The cache folder: {@code HF_HUB_CACHE}, or {@code hub} in {@code HF_HOME}, or {@code
   * ~/.cache/huggingface/hub}, where {@code XDG_CACHE_HOME} may stand for {@code ~/.cache}.
   */
  public static Path cache(Map<String, String> environment, Path home) {
    return path(environment, "HF_HUB_CACHE", home)
        .orElseGet(() -> hfHome(environment, home).resolve("hub"));
  }

  /** The user's folder, as Java knows it. */
  public static Path home() {
    return Path.of(System.getProperty("user.home"));
  }

  private static Path hfHome(Map<String, String> environment, Path home) {
    return path(environment, "HF_HOME", home)
        .orElseGet(
            () ->
                path(environment, "XDG_CACHE_HOME", home)
                    .orElse(home.resolve(".cache"))
                    .resolve("huggingface"));
  }

  private static Optional<String> tokenFile(Map<String, String> environment, Path home) {
    Path file =
        path(environment, "HF_TOKEN_PATH", home)
            .orElseGet(() -> hfHome(environment, home).resolve("token"));
    try {
      String text = Files.readString(file, StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(text);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw Disk.failure(file, "the access token cannot be read", e);
    }
  }

  /** What is set but blank counts as not set. */
  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  private static Optional<Path> path(Map<String, String> environment, String name, Path home) {
    return value(environment, name)
        .map(
            text -> {
              try {
                boolean below = text.equals("~") || text.startsWith("~/");
                return below
                    ? home.resolve(text.substring(Math.min(2, text.length())))
                    : Path.of(text);
              } catch (InvalidPathException e) {
                throw new HubException(name + " is not a path: " + FilePath.shown(text), e);
              }
            });
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException _) {
      // Not shown: it may hold a password.
      throw new HubException("HF_ENDPOINT is not an address like " + DEFAULT_ENDPOINT);
    }
  }

  private static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }
}
