package org.slmruntime.cpu.packed.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedFolderTest {
  private static final PackedKey KEY = new PackedKey("new", 100);

  @TempDir Path path;

  @Test
  void deletesTheLeastRecentlyUsedBeyondItsLimit() throws IOException {
    file("old.packed", 100, 3);
    file("older.packed", 100, 4);
    file("oldest.packed", 100, 5);
    file("young.packed", 100, 2);
    PackedFolder folder = new PackedFolder(path, 450);
    folder.makeRoom(KEY, 50);
    assertEquals(4, names().size());
    folder.makeRoom(KEY, 51);
    assertEquals(Set.of("old.packed", "older.packed", "young.packed"), names());
    folder.makeRoom(KEY, 250);
    assertEquals(Set.of("old.packed", "young.packed"), names());
    folder.makeRoom(KEY, 450);
    assertEquals(Set.of(), names());
  }

  @Test
  void aFileThatWasUsedIsNotTheOldestAnyMore() throws IOException {
    PackedFolder.touch(file("a.packed", 100, 5));
    file("b.packed", 100, 4);
    new PackedFolder(path, 200).makeRoom(KEY, 100);
    assertEquals(Set.of("a.packed"), names());
  }

  @Test
  void doesNotCountTheFileThatIsReplaced() throws IOException {
    file(KEY.fileName(), 100, 5);
    file("other.packed", 100, 9);
    new PackedFolder(path, 200).makeRoom(KEY, 100);
    assertEquals(Set.of(KEY.fileName(), "other.packed"), names());
  }

  @Test
  void leavesEverythingWhereTheFileWouldNotFitAnyway() throws IOException {
    file("a.packed", 100, 5);
    String beyond = refusal(new PackedFolder(path, 200), 201);
    assertTrue(beyond.contains("limit of 200"), beyond);
    String full = refusal(new PackedFolder(path, 1L << 61), 1L << 60);
    assertTrue(full.contains("too full"), full);
    assertEquals(Set.of("a.packed"), names());
  }

  private static String refusal(PackedFolder folder, long bytes) {
    return assertThrows(IOException.class, () -> folder.makeRoom(KEY, bytes)).getMessage();
  }

  @Test
  void deletesWhatNobodyWritesToAnyMore() throws IOException {
    PackedFolder folder = new PackedFolder(path, 1000);
    Path written = folder.newFile();
    file("left.tmp", 100, 1);
    file("notes.txt", 100, 9);
    folder.makeRoom(KEY, 100);
    assertEquals(Set.of(written.getFileName().toString(), "notes.txt"), names());
  }

  @Test
  void isMadeWhereItIsNot() throws IOException {
    PackedFolder folder = new PackedFolder(path.resolve("a").resolve("b"), 1000);
    folder.makeRoom(KEY, 100);
    assertEquals(0, Files.size(folder.newFile()));
  }

  @Test
  void itsFilesAreForTheirUserAlone() throws IOException {
    Assumptions.assumeTrue(Files.getFileStore(path).supportsFileAttributeView("posix"));
    Path file = new PackedFolder(path, 1000).newFile();
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  private Path file(String name, int bytes, int hoursAgo) throws IOException {
    Path file = Files.write(path.resolve(name), new byte[bytes]);
    Instant used = Instant.now().minus(Duration.ofHours(hoursAgo));
    return Files.setLastModifiedTime(file, FileTime.from(used));
  }

  private Set<String> names() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
