package org.slmruntime.hub;

import java.util.Map;

/**
 * What is in a repository at one commit.
 *
 * @param commit 40 hexadecimal digits
 * @param files by path
 */
record RepoListing(String commit, Map<String, RepoFile> files) {
  RepoListing {
    files = Map.copyOf(files);
  }
}
