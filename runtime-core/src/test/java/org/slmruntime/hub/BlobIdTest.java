package org.slmruntime.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checksums, held against known ones. */
class BlobIdTest {
  @ParameterizedTest
  @CsvSource({
    // git hash-object
    "GIT, ce013625030ba8dba906f756967f9e9ca394464a, 'hello\n'",
    "GIT, e69de29bb2d1d6434b8b29ae775ad8c2e48c5391, ''",
    // FIPS 180-4
    "SHA256, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad, 'abc'"
  })
  void isWhatGitAndSha256Say(BlobId.Kind kind, String hex, String content) {
    byte[] bytes = content.getBytes(StandardCharsets.US_ASCII);
    MessageDigest digest = new BlobId(kind, hex).digest(bytes.length);
    digest.update(bytes);
    assertEquals(hex, BlobId.hex(digest));
  }

  @ParameterizedTest
  @CsvSource({"GIT, 64", "SHA256, 40", "GIT, 39", "GIT, 41", "SHA256, 0"})
  void hasTheLengthOfItsKind(BlobId.Kind kind, int digits) {
    HubException e = assertThrows(HubException.class, () -> new BlobId(kind, "a".repeat(digits)));
    assertTrue(e.getMessage().contains("hexadecimal digits"), e.getMessage());
  }

  @Test
  void isWrittenInLowerCaseHexadecimals() {
    for (String digit : new String[] {"A", "g", "/", ".", "\u0661"}) {
      String hex = digit + "0".repeat(39);
      assertThrows(HubException.class, () -> new BlobId(BlobId.Kind.GIT, hex), digit);
    }
  }
}
