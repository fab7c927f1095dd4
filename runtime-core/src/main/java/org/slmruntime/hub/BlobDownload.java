package org.slmruntime.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Brings one file's content into the cache, in as many parts as the network makes of it, and checks
 * it. Used once, by one thread.
 */
final class BlobDownload {
  private final RepoFile file;
  private final RepoFolder folder;
  private final PartSource source;
  private final HubLimits limits;
  private final PullListener listener;
  private final Retries retries;

  BlobDownload(
      RepoFile file,
      RepoFolder folder,
      PartSource source,
      HubLimits limits,
      PullListener listener) {
    this.file = file;
    this.folder = folder;
    this.source = source;
    this.limits = limits;
    this.listener = listener;
    this.retries = new Retries(file.shown(), limits, listener);
  }

  /**
   * Downloads the content unless it is here.
   *
   * @throws HubException if it cannot be had; what has come stays for the next time, unless it is
   *     damaged
   */
  void run() throws IOException {
    Path blob = folder.blob(file.id());
    Path incomplete = folder.incomplete(file.id());
    Path lock = folder.lock(file.id());
    try (BlobLock _ = BlobLock.acquire(lock, incomplete, file.shown(), listener)) {
      if (Files.exists(blob) && Files.size(blob) == file.size()) {
        return;
      }
      try (PartialBlob partial = PartialBlob.open(incomplete, file)) {
        complete(partial);
        partial.finish(blob);
      }
    }
  }

  /** What an earlier download left may be damaged: then it is thrown away, once. */
  private void complete(PartialBlob partial) throws IOException {
    boolean resumed = partial.size() > 0;
    if (resumed) {
      listener.onNotice(file.shown() + ": going on after " + partial.size() + " bytes");
    }
    String found = download(partial);
    if (resumed && !found.equals(file.id().hex())) {
      listener.onNotice(file.shown() + ": what an earlier download left is damaged; starting anew");
      partial.restart();
      found = download(partial);
    }
    if (!found.equals(file.id().hex())) {
      partial.discard();
      throw new HubException(
          file.shown()
              + ": its checksum should be "
              + file.id()
              + " but is "
              + found
              + "; it was damaged on its way and is deleted, pull it again");
    }
  }

  /** Fetches what is missing and returns the checksum of the whole. */
  private String download(PartialBlob partial) {
    while (!partial.isWhole()) {
      long before = partial.size();
      try {
        part(partial);
      } catch (IOException e) {
        if (partial.size() - before >= limits.progress()) {
          retries.progressed();
        }
        retries.failed(e);
      }
    }
    return partial.checksum(listener);
  }

  private void part(PartialBlob partial) throws IOException {
    try (PartSource.Part part = source.open(partial.size())) {
      if (part.from() == 0) {
        partial.restart();
      }
      Pace pace = new Pace(limits, partial.size());
      HttpBody body = part.body();
      for (var piece = body.next(); piece.isPresent(); piece = body.next()) {
        append(piece.get(), part.end(), partial);
        pace.check(partial.size());
      }
    }
    if (!partial.isWhole()) {
      throw new IOException(
          "the answer ended after " + partial.size() + " of " + file.size() + " bytes");
    }
  }

  private void append(List<ByteBuffer> buffers, long end, PartialBlob partial) {
    for (ByteBuffer buffer : buffers) {
      if (buffer.remaining() > end - partial.size()) {
        throw new HubException(
            file.shown()
                + ": the server sends more than the "
                + file.size()
                + " bytes that it has");
      }
      partial.append(buffer);
    }
    listener.onProgress("downloading " + file.path(), partial.size(), file.size());
  }
}
