package org.slmruntime.hub;

/**
 * A file of a repository.
 *
 * @param path in the repository, with {@code /} between folders
 * @param size in bytes
 * @param id of its content
 */
record RepoFile(String path, long size, BlobId id) {
  /** More than any disk has: sums of sizes never overflow. */
  private static final long LARGEST = 1L << 50;

  RepoFile {
    FilePath.check(path);
    if (size < 0 || size > LARGEST) {
      throw new HubException(
          FilePath.shown(path) + " cannot have " + size + " bytes; the most is " + LARGEST);
    }
  }

  /** For messages. */
  String shown() {
    return FilePath.shown(path);
  }
}
