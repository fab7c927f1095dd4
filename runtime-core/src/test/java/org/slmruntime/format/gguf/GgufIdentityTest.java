package org.slmruntime.format.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model file's identity changes whenever the file may have. */
class GgufIdentityTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() {
    file = bytes().write(folder.resolve("model.gguf"));
  }

  private static GgufBytes bytes() {
    return GgufBytes.header(3, 1, 0).tensor("t", 0, 0, 3, 2).data(32, 24);
  }

  @Test
  void isTheSameEachTimeAndByEachWayToTheFile() throws IOException {
    String identity = identity(file);
    assertTrue(identity.startsWith(file.toRealPath() + ", "), identity);
    assertEquals(identity, identity(file));
    Path link = Files.createSymbolicLink(folder.resolve("link.gguf"), file);
    assertEquals(identity, identity(link));
  }

  @Test
  void isAnotherOnceTheFileWasWrittenTo() throws IOException {
    String identity = identity(file);
    FileTime modified = Files.getLastModifiedTime(file);
    Files.setLastModifiedTime(file, FileTime.fromMillis(modified.toMillis() + 1));
    assertNotEquals(identity, identity(file));
    Files.setLastModifiedTime(file, modified);
    assertEquals(identity, identity(file));
    Files.write(file, new byte[1], StandardOpenOption.APPEND);
    Files.setLastModifiedTime(file, modified);
    assertNotEquals(identity, identity(file));
  }

  @Test
  void isAnotherForACopyOfTheSameTime() throws IOException {
    Path copy = Files.copy(file, folder.resolve("copy.gguf"), StandardCopyOption.COPY_ATTRIBUTES);
    assertNotEquals(identity(file), identity(copy));
  }

  @Test
  void isGoneOnceTheFileIsNotTheOneThatWasOpened() throws IOException {
    Path other = Files.copy(file, folder.resolve("other"), StandardCopyOption.COPY_ATTRIBUTES);
    try (GgufFile open = GgufFile.open(file)) {
      assertTrue(open.identity().isPresent());
      Files.setLastModifiedTime(file, FileTime.fromMillis(0));
      assertEquals(Optional.empty(), open.identity());
    }
    try (GgufFile open = GgufFile.open(file)) {
      Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
      assertEquals(Optional.empty(), open.identity());
    }
    try (GgufFile open = GgufFile.open(file)) {
      Files.delete(file);
      assertEquals(Optional.empty(), open.identity());
    }
  }

  private static String identity(Path path) {
    try (GgufFile open = GgufFile.open(path)) {
      return open.identity().orElseThrow();
    }
  }
}
