package org.slmruntime.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a file's content is known by, in the cache and for checking it.
 *
 * @param kind of checksum
 * @param hex in lower case
 */
record BlobId(Kind kind, String hex) {
  /** Large files are known by their own checksum, others by that of the object that git makes. */
  enum Kind {
    /** SHA-256 of the bytes (Git LFS). */
    SHA256("SHA-256", 64),
    /** SHA-1 of {@code blob SIZE}, a zero byte and the bytes (git). */
    GIT("SHA-1", 40);

    private final String algorithm;
    private final int digits;

    Kind(String algorithm, int digits) {
      this.algorithm = algorithm;
      this.digits = digits;
    }
  }

  BlobId {
    if (!hex.matches("[0-9a-f]{" + kind.digits + "}")) {
      throw new HubException(
          FilePath.shown(hex)
              + " is no "
              + kind.algorithm
              + " checksum of "
              + kind.digits
              + " hexadecimal digits");
    }
  }

  /**
   * A digest that only lacks the content.
   *
   * @param size of the content in bytes
   */
  MessageDigest digest(long size) {
    try {
      MessageDigest digest = MessageDigest.getInstance(kind.algorithm);
      if (kind == Kind.GIT) {
        digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
      }
      return digest;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + kind.algorithm, e);
    }
  }

  /** A digest's result as it is written here. */
  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public String toString() {
    return kind.algorithm + " " + hex;
  }
}
