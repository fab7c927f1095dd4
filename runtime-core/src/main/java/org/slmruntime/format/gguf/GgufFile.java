package org.slmruntime.format.gguf;

import java.lang.foreign.Arena;
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
import org.slmruntime.format.MappedFile;
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
  private final List<MappedFile> files;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, Location> locations = new LinkedHashMap<>();

  /**
   * Where a tensor lies, for people.
   *
   * @param shard the file's name
   * @param offset from the start of that file, in bytes
   */
  public record Location(String shard, long offset) {}

  private GgufFile(Arena arena, List<GgufShard> shards, List<MappedFile> files) {
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
    List<MappedFile> files = new ArrayList<>();
    try {
      List<GgufShard> shards = new ArrayList<>();
      shards.add(map(path, arena, files));
      addOtherShards(path, arena, shards, files);
      return new GgufFile(arena, shards, files);
    } catch (RuntimeException | Error e) {
      arena.close();
      files.forEach(MappedFile::close);
      throw e;
    }
  }

  private static GgufShard map(Path path, Arena arena, List<MappedFile> files) {
    MappedFile file = MappedFile.open(path, "GGUF", arena);
    files.add(file);
    return GgufShard.read(file.source(), file.bytes());
  }

  private static void addOtherShards(
      Path path, Arena arena, List<GgufShard> shards, List<MappedFile> files) {
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
    List<String> unchanged = files.stream().flatMap(f -> f.identity().stream()).toList();
    return unchanged.size() == files.size()
        ? Optional.of(String.join("\n", unchanged))
        : Optional.empty();
  }

  @Override
  public void requireWhole() {
    files.forEach(MappedFile::requireWhole);
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
      files.forEach(MappedFile::close);
    }
  }
}
