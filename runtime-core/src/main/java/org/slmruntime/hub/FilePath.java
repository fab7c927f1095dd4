package org.slmruntime.hub;

import java.util.Arrays;
import org.slmruntime.format.Shown;

/** Paths of files in a repository, with {@code /} between folders, as servers name them. */
final class FilePath {
  private static final int LONGEST = 1024;

  private FilePath() {}

  /** Whether a path stays inside the folder that it is resolved against, on any system. */
  static boolean isSafe(String path) {
    return path.length() <= LONGEST
        && path.chars().noneMatch(c -> c < ' ' || c == 0x7f || c == '\\')
        && Arrays.stream(path.split("/", -1)).noneMatch(FilePath::isNoName);
  }

  private static boolean isNoName(String segment) {
    return segment.isEmpty() || segment.equals(".") || segment.equals("..");
  }

  /**
   * Returns the path.
   *
   * @throws HubException if it could lead out of its folder
   */
  static String check(String path) {
    if (!isSafe(path)) {
      throw new HubException(shown(path) + " is not a file name that can be used");
    }
    return path;
  }

  /** In quotes, for messages. */
  static String shown(String text) {
    return '"' + Shown.of(text) + '"';
  }
}
