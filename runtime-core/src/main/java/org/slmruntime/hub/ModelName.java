package org.slmruntime.hub;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A model's name on a hub: {@code owner/repo} or {@code owner/repo:file}.
 *
 * @param owner a user or an organization
 * @param repo the repository's name
 * @param file one file of it by its path, or a quantization such as {@code Q4_K_M}
 */
public record ModelName(String owner, String repo, Optional<String> file) {
  /** What Hugging Face allows: 96 characters, a letter, digit or underscore at both ends. */
  private static final Pattern PART = Pattern.compile("\\w(?:[\\w.-]{0,94}\\w)?");

  public ModelName {
    check(owner);
    check(repo);
    file.ifPresent(FilePath::check);
  }

  /** The name that a text is, or empty if it is none. */
  public static Optional<ModelName> parse(String text) {
    int slash = text.indexOf('/');
    int colon = text.indexOf(':');
    int end = colon < 0 ? text.length() : colon;
    if (slash < 0 || slash > end) {
      return Optional.empty();
    }
    String owner = text.substring(0, slash);
    String repo = text.substring(slash + 1, end);
    Optional<String> file = colon < 0 ? Optional.empty() : Optional.of(text.substring(colon + 1));
    boolean valid = isPart(owner) && isPart(repo) && file.stream().allMatch(FilePath::isSafe);
    return valid ? Optional.of(new ModelName(owner, repo, file)) : Optional.empty();
  }

  /**
   * The name that a text is.
   *
   * @throws HubException if it is none
   */
  public static ModelName of(String text) {
    return parse(text)
        .orElseThrow(
            () ->
                new HubException(
                    FilePath.shown(text)
                        + " is not a model's name; they are like owner/repo or owner/repo:file"));
  }

  /** Two dashes part owner and repository in the cache's folders, and .git ends clones. */
  private static boolean isPart(String text) {
    return PART.matcher(text).matches()
        && !text.contains("--")
        && !text.contains("..")
        && !text.endsWith(".git");
  }

  private static void check(String part) {
    if (!isPart(part)) {
      throw new HubException(FilePath.shown(part) + " cannot be part of a model's name");
    }
  }

  /** {@code owner/repo}. */
  public String repository() {
    return owner + "/" + repo;
  }

  @Override
  public String toString() {
    return repository() + file.map(f -> ":" + f).orElse("");
  }
}
