package org.slmruntime.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model in a jar becomes a file that can be mapped. */
class UnpackingTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final byte[] bytes = new byte[10_000];

  @TempDir Path folder;

  UnpackingTest() {
    new Random(seed).nextBytes(bytes);
  }

  @Test
  void aFileOutsideOfAJarIsUsedWhereItIs() throws IOException {
    Path file = Files.write(folder.resolve("a model.gguf"), bytes);
    assertEquals(file, DemoModel.file(file.toUri().toURL(), cache()));
    assertTrue(Files.notExists(cache()));
  }

  @Test
  void aModelInAJarIsUnpackedOnce() throws IOException {
    URL resource = jar();
    Path file = DemoModel.file(resource, cache());
    assertArrayEquals(bytes, Files.readAllBytes(file));
    FileTime longAgo = FileTime.fromMillis(0);
    Files.setLastModifiedTime(file, longAgo);
    assertEquals(file, DemoModel.file(resource, cache()));
    assertEquals(longAgo, Files.getLastModifiedTime(file));
    assertOnly(file);
  }

  @Test
  void aCopyThatWasCutOrChangedIsReplaced() throws IOException {
    Path file = new UnpackedFile(cache(), bytes).path();
    int at = new Random(seed).nextInt(bytes.length);
    byte[] changed = bytes.clone();
    changed[at] ^= 1;
    for (byte[] bad : new byte[][] {Arrays.copyOf(bytes, at), changed, new byte[0]}) {
      Files.write(file, bad);
      assertEquals(file, new UnpackedFile(cache(), bytes).path());
      assertArrayEquals(bytes, Files.readAllBytes(file), "byte " + at + ", seed " + seed);
    }
    assertOnly(file);
  }

  @Test
  void modelsOfOtherVersionsLieBesideIt() {
    Path file = new UnpackedFile(cache(), bytes).path();
    bytes[0]++;
    assertNotEquals(file, new UnpackedFile(cache(), bytes).path());
    assertTrue(Files.exists(file));
  }

  @Test
  void manyMayAskAtTheSameTime() throws IOException {
    URL resource = jar();
    HashSet<Path> files = new HashSet<>();
    IntStream.range(0, 16)
        .parallel()
        .mapToObj(_ -> DemoModel.file(resource, cache()))
        .toList()
        .forEach(files::add);
    assertEquals(1, files.size());
    Path file = files.iterator().next();
    assertArrayEquals(bytes, Files.readAllBytes(file));
    assertOnly(file);
  }

  @Test
  void saysWhereItCannotBeUnpacked() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    DemoModelException refusal =
        assertThrows(
            DemoModelException.class, () -> new UnpackedFile(file.resolve("x"), bytes).path());
    assertTrue(refusal.getMessage().startsWith(file.toString()), refusal::getMessage);
    assertTrue(refusal.getMessage().contains("XDG_CACHE_HOME"), refusal::getMessage);
  }

  private Path cache() {
    return folder.resolve("new/cache");
  }

  private URL jar() throws IOException {
    Path jar = folder.resolve("demo.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("model.gguf"));
      zip.write(bytes);
    }
    return URI.create("jar:" + jar.toUri() + "!/model.gguf").toURL();
  }

  private void assertOnly(Path file) throws IOException {
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList());
    }
  }
}
