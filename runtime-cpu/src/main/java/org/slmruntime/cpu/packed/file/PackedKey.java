package org.slmruntime.cpu.packed.file;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a file of packed weights holds. Two keys are equal only if the bytes are.
 *
 * @param text which weights, and how they are laid out
 * @param bytes that they take
 */
public record PackedKey(String text, long bytes) {
  static final String SUFFIX = ".packed";

  /** Of the file, which differs where the key does. */
  String fileName() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(encoded())) + SUFFIX;
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  byte[] encoded() {
    return (bytes + " bytes, " + text).getBytes(StandardCharsets.UTF_8);
  }
}
