package org.slmruntime.format.gguf;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.Metadata;
import org.slmruntime.format.ModelFile;
import org.slmruntime.format.StoredTensor;

/**
 * An open GGUF model, of one file or of all shards of a split one. The files are mapped; metadata
 * comes from the first shard. They must not be changed while open.
 *
 * <p>Every bound of the file is checked by {@link #open}: afterwards each tensor's segment is
 * exactly its bytes.
 */
public final class GgufFile implements ModelFile {
  private static final Pattern SHARD_NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");

  private final Arena arena;
  private final List<GgufShard> shards;
  private final List<OpenFile> files;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, Location> locations = new LinkedHashMap<>();

  /**
   * Where a tensor lies, for people.
   *
   * @param shard the file's name
   * @param offset from the start of that file, in bytes
   */
  public record Location(String shard, long offset) {}

  /**
   * A file that is held open.
   *
   * @param identity as it was just before
   */
  private record OpenFile(Path path, Optional<FileIdentity> identity, RandomAccessFile file) {
    /** Asked again now; empty if it is not the one that was opened any more. */
    Optional<FileIdentity> unchanged() {
      return identity.filter(_ -> identity.equals(FileIdentity.of(path)));
    }
  }

  private GgufFile(Arena arena, List<GgufShard> shards, List<OpenFile> files) {
    this.arena = arena;
    this.shards = List.copyOf(shards);
    this.files = List.copyOf(files);
    for (GgufShard shard : shards) {
      for (int i = 0; i < shard.tensors().size(); i++) {
        StoredTensor tensor = shard.tensors().get(i);
        if (tensors.put(tensor.name(), tensor) != null) {
          throw new FormatException(
              shard.source()
                  + ": tensor "
                  + GgufCursor.shown(tensor.name())
                  + " is in an earlier shard too");
        }
        locations.put(tensor.name(), new Location(shard.source(), shard.offsets().get(i)));
      }
    }
  }

  /**
   * Maps and checks a file; of a split model, the first shard's path opens all.
   *
   * @throws FormatException if it cannot be read or breaks the format, naming file, offset and
   *     value
   */
  @SuppressWarnings("MustBeClosedChecker") // The file that is returned owns the arena.
  public static GgufFile open(Path path) {
    Arena arena = Arena.ofShared();
    List<OpenFile> files = new ArrayList<>();
    try {
      List<GgufShard> shards = new ArrayList<>();
      shards.add(map(path, arena, files));
      addOtherShards(path, arena, shards, files);
      return new GgufFile(arena, shards, files);
    } catch (RuntimeException | Error e) {
      arena.close();
      closeAll(files);
      throw e;
    }
  }

  /**
   * Maps one file and keeps it open, not as a channel: a thread that is interrupted while it asks a
   * channel anything closes it.
   */
  private static GgufShard map(Path path, Arena arena, List<OpenFile> files) {
    String source = path.toString();
    if (Files.isDirectory(path)) {
      throw new FormatException(source + ": is a folder, not a GGUF file");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new FormatException(source + ": is not a regular file");
    }
    try {
      Optional<FileIdentity> identity = FileIdentity.of(path);
      RandomAccessFile file = openForReading(path);
      files.add(new OpenFile(path, identity, file));
      long size = file.length();
      if (size == 0) {
        throw new FormatException(source + ": the file is empty");
      }
      MemorySegment bytes = file.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      if (file.length() != size) {
        throw new FormatException(source + ": the file changed its size while it was opened");
      }
      return GgufShard.read(source, bytes);
    } catch (NoSuchFileException e) {
      throw new FormatException(source + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new FormatException(source + ": permission denied", e);
    } catch (IOException e) {
      throw new FormatException(source + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static RandomAccessFile openForReading(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    if (!Files.isReadable(path)) {
      throw new AccessDeniedException(path.toString());
    }
    return new RandomAccessFile(path.toFile(), "r");
  }

  private static void closeAll(List<OpenFile> files) {
    for (OpenFile open : files) {
      try {
        open.file.close();
      } catch (IOException _) {
        // It was open for reading: nothing is lost.
      }
    }
  }

  private static void addOtherShards(
      Path path, Arena arena, List<GgufShard> shards, List<OpenFile> files) {
    Metadata first = shards.getFirst().metadata();
    int count = first.intInRange("split.count", 0, 65535).orElse(1);
    if (count <= 1) {
      return;
    }
    requireShardNumber(first, 0, count);
    Path fileName = path.getFileName();
    Matcher name = SHARD_NAME.matcher(fileName.toString());
    if (!name.matches()
        || Integer.parseInt(name.group(2)) != 1
        || Integer.parseInt(name.group(3)) != count) {
      throw new FormatException(
          path
              + ": the first of "
              + count
              + " shards must be named like "
              + String.format(Locale.ROOT, "NAME-%05d-of-%05d.gguf", 1, count));
    }
    long total = shards.getFirst().tensors().size();
    for (int i = 1; i < count; i++) {
      String shardName =
          String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", name.group(1), i + 1, count);
      GgufShard shard = map(path.resolveSibling(shardName), arena, files);
      requireShardNumber(shard.metadata(), i, count);
      shards.add(shard);
      total += shard.tensors().size();
    }
    Optional<Long> expected = first.integer("split.tensors.count");
    if (expected.isPresent() && expected.get() != total) {
      throw first.wrong(
          "split.tensors.count", "is " + expected.get() + " but the shards have " + total);
    }
  }

  private static void requireShardNumber(Metadata metadata, int number, int count) {
    int no = metadata.requireInt("split.no", 0, 65535);
    if (no != number && number == 0) {
      throw metadata.wrong("split.no", "is " + no + ": open the first of the " + count + " shards");
    }
    if (no != number) {
      throw metadata.wrong("split.no", "must be " + number + " but is " + no);
    }
    int shardCount = metadata.requireInt("split.count", 0, 65535);
    if (shardCount != count) {
      throw metadata.wrong("split.count", "must be " + count + " but is " + shardCount);
    }
  }

  @Override
  public String source() {
    return shards.getFirst().source();
  }

  /** 2 or 3. */
  public int version() {
    return shards.getFirst().version();
  }

  /** The alignment of tensors in the (first) file, in bytes. */
  public long alignment() {
    return shards.getFirst().alignment();
  }

  /** Where tensor data begins in the (first) file. */
  public long dataOffset() {
    return shards.getFirst().dataOffset();
  }

  /** The number of files; 1 if the model is not split. */
  public int shardCount() {
    return shards.size();
  }

  /** Bytes of all shards. */
  public long fileBytes() {
    return shards.stream().mapToLong(GgufShard::fileBytes).sum();
  }

  /** Where a tensor of this file lies. */
  public Location location(String tensor) {
    return locations.get(tensor);
  }

  @Override
  public Metadata metadata() {
    return shards.getFirst().metadata();
  }

  @Override
  public Collection<StoredTensor> tensors() {
    return Collections.unmodifiableCollection(tensors.values());
  }

  @Override
  public Optional<StoredTensor> tensor(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  @Override
  public Optional<String> identity() {
    List<FileIdentity> unchanged = files.stream().flatMap(f -> f.unchanged().stream()).toList();
    return unchanged.size() == files.size()
        ? Optional.of(unchanged.stream().map(FileIdentity::toString).collect(joining("\n")))
        : Optional.empty();
  }

  @Override
  public void requireWhole() {
    for (int i = 0; i < files.size(); i++) {
      GgufShard shard = shards.get(i);
      long length = length(files.get(i).file, shard.source());
      if (length < shard.fileBytes()) {
        throw new FormatException(
            shard.source()
                + ": was cut from "
                + shard.fileBytes()
                + " to "
                + length
                + " bytes while in use");
      }
    }
  }

  private static long length(RandomAccessFile file, String source) {
    try {
      return file.length();
    } catch (IOException e) {
      throw new FormatException(source + ": cannot be read any more: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
      closeAll(files);
    }
  }
}
