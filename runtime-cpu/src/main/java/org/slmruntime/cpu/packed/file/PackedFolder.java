package org.slmruntime.cpu.packed.file;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder with files of packed weights, kept within a limit. Other processes may use it at the
 * same time: a file that is deleted while they map it stays theirs.
 *
 * @param limit most bytes of all files together
 */
record PackedFolder(Path path, long limit) {
  private static final String UNFINISHED = ".tmp";

  /** Who writes does so all the time, so that nobody will finish what is as old as this. */
  private static final Duration ABANDONED = Duration.ofMinutes(10);

  /** This share of the disk stays free. */
  private static final int FREE_SHARE = 10;

  private record Entry(Path file, long bytes, FileTime used) {}

  Path file(PackedKey key) {
    return path.resolve(key.fileName());
  }

  /** Makes an empty file to write to; only its user may read it. */
  Path newFile() throws IOException {
    return Files.createTempFile(path, "", UNFINISHED);
  }

  /** Remembers that a file was used now. */
  static void touch(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException _) {
      // A folder that is only read still serves; who may write to it deletes by what it knows.
    }
  }

  /**
   * Makes the folder and room in it: deletes what was left unfinished, and the least recently used
   * files beyond the limit.
   *
   * @param bytes of the file that is to come
   * @throws IOException if there is no room for it; nothing is deleted for it then
   */
  void makeRoom(PackedKey key, long bytes) throws IOException {
    if (bytes > limit) {
      throw new IOException(bytes + " bytes are more than its limit of " + limit);
    }
    Files.createDirectories(path);
    deleteAbandoned();
    List<Entry> victims = victims(key, bytes);
    long freed = victims.stream().mapToLong(Entry::bytes).sum();
    FileStore disk = Files.getFileStore(path);
    long usable = disk.getUsableSpace() + freed - disk.getTotalSpace() / FREE_SHARE;
    if (bytes > usable) {
      throw new IOException(
          bytes + " bytes would leave less than a tenth of the disk free; it is too full");
    }
    for (Entry victim : victims) {
      Files.deleteIfExists(victim.file);
    }
  }

  /** The files that have to go for so many bytes, least recently used first. */
  private List<Entry> victims(PackedKey key, long bytes) throws IOException {
    List<Entry> files = new ArrayList<>(entries(PackedKey.SUFFIX));
    // The one that is replaced goes anyway.
    files.removeIf(entry -> entry.file.equals(file(key)));
    files.sort(Comparator.comparing(Entry::used));
    long total = files.stream().mapToLong(Entry::bytes).sum();
    List<Entry> victims = new ArrayList<>();
    for (int i = 0; i < files.size() && total > limit - bytes; i++) {
      total -= files.get(i).bytes;
      victims.add(files.get(i));
    }
    return victims;
  }

  private void deleteAbandoned() throws IOException {
    FileTime last = FileTime.from(Instant.now().minus(ABANDONED));
    for (Entry entry : entries(UNFINISHED)) {
      if (entry.used.compareTo(last) < 0) {
        Files.deleteIfExists(entry.file);
      }
    }
  }

  private List<Entry> entries(String suffix) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.filter(f -> f.toString().endsWith(suffix)).toList()) {
        try {
          BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
          entries.add(new Entry(file, now.size(), now.lastModifiedTime()));
        } catch (IOException _) {
          // Another process has deleted it.
        }
      }
    }
    return entries;
  }
}
