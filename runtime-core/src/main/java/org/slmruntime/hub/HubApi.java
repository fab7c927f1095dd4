package org.slmruntime.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slmruntime.json.Json;
import org.slmruntime.json.JsonException;

/**
 * Asks an endpoint what is in a repository.
 *
 * @see <a href="https://huggingface.co/docs/hub/api">Hub API</a>
 */
final class HubApi {
  private static final Pattern NEXT = Pattern.compile("<([^<>]+)>\\s*;\\s*rel=\"next\"");
  private static final int MAX_PAGES = 200;
  private static final int MAX_FILES = 100_000;

  private final HubHttp http;
  private final Refusals refusals;
  private final HubLimits limits;
  private final PullListener listener;

  /**
   * An answer's text.
   *
   * @param next query of the page that follows
   */
  private record Page(String text, Optional<String> next) {}

  HubApi(HubHttp http, Refusals refusals, HubLimits limits, PullListener listener) {
    this.http = http;
    this.refusals = refusals;
    this.limits = limits;
    this.listener = listener;
  }

  /**
   * Lists the files of the model's repository as they are now.
   *
   * @throws HubException if it cannot be had or is not as it should be
   */
  RepoListing list() {
    try {
      String api = "api/models/" + refusals.name().repository();
      Page info = page(api + "/revision/" + RepoFolder.REVISION, "");
      String commit = commit(Json.asString(Json.parseObject(info.text).get("sha"), "\"sha\""));
      return new RepoListing(commit, files(api + "/tree/" + commit));
    } catch (JsonException e) {
      throw new HubException(
          refusals.endpoint() + " does not answer as a hub does: " + e.getMessage(), e);
    }
  }

  private static String commit(String text) {
    if (!RepoFolder.isCommit(text)) {
      throw new HubException(FilePath.shown(text) + " is no commit of 40 hexadecimal digits");
    }
    return text;
  }

  private Map<String, RepoFile> files(String tree) {
    Map<String, RepoFile> files = new LinkedHashMap<>();
    Optional<String> query = Optional.of("recursive=true");
    for (int pages = 0; query.isPresent(); pages++) {
      if (pages == MAX_PAGES) {
        throw new HubException(refusals.name() + ": its list of files has no end");
      }
      Page page = page(tree, query.get());
      add(Json.asArray(Json.parse(page.text), "the list of files"), files);
      query = page.next;
    }
    return files;
  }

  private void add(List<Object> entries, Map<String, RepoFile> files) {
    for (Object item : entries) {
      Map<String, Object> entry = Json.asObject(item, "a file");
      if ("file".equals(entry.get("type"))) {
        RepoFile file = file(entry);
        files.put(file.path(), file);
      }
    }
    if (files.size() > MAX_FILES) {
      throw new HubException(refusals.name() + ": has more than " + MAX_FILES + " files");
    }
  }

  /** Of a large file, git itself only has a pointer. */
  private static RepoFile file(Map<String, Object> entry) {
    String path = Json.asString(entry.get("path"), "\"path\"");
    boolean large = entry.get("lfs") != null;
    Map<String, Object> content = large ? Json.asObject(entry.get("lfs"), "\"lfs\"") : entry;
    BlobId.Kind kind = large ? BlobId.Kind.SHA256 : BlobId.Kind.GIT;
    BlobId id = new BlobId(kind, Json.asString(content.get("oid"), "\"oid\""));
    if (!(content.get("size") instanceof Long size)) {
      throw new JsonException("\"size\" of " + FilePath.shown(path) + " must be a whole number");
    }
    return new RepoFile(path, size, id);
  }

  private Page page(String path, String query) {
    URI uri = WebAddress.at(refusals.endpoint(), path, query);
    return new Retries(WebAddress.shown(uri), limits, listener).until(() -> ask(uri));
  }

  private Page ask(URI uri) throws IOException {
    try (HubAnswer answer = http.get(uri, 0)) {
      refusals.check(answer, "the model " + refusals.name().repository());
      byte[] bytes =
          answer.body().readAll(WebAddress.shown(uri), limits.answerBytes(), limits.answerTime());
      return new Page(new String(bytes, StandardCharsets.UTF_8), next(answer));
    }
  }

  /** Only the query is taken: where to ask is not the server's choice. */
  private static Optional<String> next(HubAnswer answer) {
    Matcher link = NEXT.matcher(answer.header("link").orElse(""));
    if (!link.find()) {
      return Optional.empty();
    }
    int query = link.group(1).indexOf('?');
    return query < 0 ? Optional.empty() : Optional.of(link.group(1).substring(query + 1));
  }
}
