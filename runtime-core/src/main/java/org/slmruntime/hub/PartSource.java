package org.slmruntime.hub;

import java.io.IOException;
import java.net.URI;
import java.util.Optional;

/**
 * Asks for a file's bytes from some point on, and makes sure that the answer is about the same
 * content each time. Used by one thread.
 */
final class PartSource {
  private final HubHttp http;
  private final Refusals refusals;
  private final URI uri;
  private final RepoFile file;

  /** What the server of the bytes called the content the first time. */
  private Optional<String> tag = Optional.empty();

  /**
   * An answer that has the file's bytes from {@code from} to {@code end}, exclusive.
   *
   * @param answer which closing this gives up
   */
  record Part(long from, long end, HubAnswer answer) implements AutoCloseable {
    HttpBody body() {
      return answer.body();
    }

    @Override
    public void close() {
      answer.close();
    }
  }

  PartSource(HubHttp http, Refusals refusals, URI uri, RepoFile file) {
    this.http = http;
    this.refusals = refusals;
    this.uri = uri;
    this.file = file;
  }

  /**
   * Opens the rest of the file, or all of it if the server does not give parts.
   *
   * @param from where to go on
   * @throws IOException if it may be otherwise the next time
   * @throws HubException if the server refuses, or its answer is not about this file
   */
  Part open(long from) throws IOException {
    HubAnswer answer = http.get(uri, from);
    try {
      refusals.check(answer, file.shown());
      requireSameContent(answer);
      return part(answer, from);
    } catch (IOException | RuntimeException | Error e) {
      answer.close();
      throw e;
    }
  }

  private void requireSameContent(HubAnswer answer) {
    answer
        .endpointHeader("x-linked-etag")
        .map(PartSource::untagged)
        .filter(etag -> !etag.equals(file.id().hex()))
        .ifPresent(etag -> changed("checksum", file.id().hex(), etag));
    answer
        .endpointHeader("x-linked-size")
        .filter(size -> !size.equals("" + file.size()))
        .ifPresent(size -> changed("size", "" + file.size(), size));
    Optional<String> now = answer.header("etag").map(PartSource::untagged);
    if (tag.isPresent() && now.isPresent() && !tag.equals(now)) {
      changed("ETag", tag.get(), now.get());
    }
    tag = tag.or(() -> now);
  }

  /** The text in quotes, without the mark of weak tags. */
  private static String untagged(String etag) {
    return etag.replaceFirst("^W/", "").replaceAll("^\"|\"$", "");
  }

  private void changed(String what, String before, String now) {
    throw wrong(
        "changed while it was pulled: its "
            + what
            + " was "
            + FilePath.shown(before)
            + " and is "
            + FilePath.shown(now));
  }

  private Part part(HubAnswer answer, long from) throws IOException {
    answer
        .header("content-encoding")
        .filter(encoding -> !encoding.equalsIgnoreCase("identity"))
        .ifPresent(
            encoding -> {
              throw wrong("comes encoded as " + FilePath.shown(encoding));
            });
    Part part =
        switch (answer.status()) {
          case 200 -> new Part(0, file.size(), answer);
          case 206 -> new Part(from, end(answer, from), answer);
          default -> throw wrong("has no byte " + from + ", the server says (416)");
        };
    requireLength(answer, part.end() - part.from());
    return part;
  }

  private long end(HubAnswer answer, long from) {
    String text = answer.header("content-range").orElse("");
    return ContentRange.parse(text)
        .filter(range -> range.continues(from, file.size()))
        .map(range -> range.last() + 1)
        .orElseThrow(
            () ->
                wrong(
                    "should come from byte "
                        + from
                        + " of "
                        + file.size()
                        + " but the server sends "
                        + FilePath.shown(text)));
  }

  private void requireLength(HubAnswer answer, long length) {
    answer
        .header("content-length")
        .filter(text -> !text.equals("" + length))
        .ifPresent(
            text -> {
              throw wrong(
                  "should come in "
                      + length
                      + " bytes but the server announces "
                      + FilePath.shown(text));
            });
  }

  private HubException wrong(String what) {
    return new HubException(file.shown() + " " + what);
  }
}
