package org.slmruntime.format.safetensors;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slmruntime.format.MappedFile;
import org.slmruntime.format.Metadata;
import org.slmruntime.format.ModelFile;
import org.slmruntime.format.StoredTensor;

/**
 * An open safetensors file, mapped. It must not be changed while open. Sizes are given as GGUF has
 * them, the row length first: {@code [out, in]} in the file is {@code {in, out}} here.
 *
 * <p>Every bound of the file is checked by {@link #open}: afterwards each tensor's segment is
 * exactly its bytes.
 */
public final class SafetensorsFile implements ModelFile {
  private final Arena arena;
  private final MappedFile file;
  private final Metadata metadata;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

  private SafetensorsFile(Arena arena, MappedFile file, SafetensorsHeader header) {
    this.arena = arena;
    this.file = file;
    this.metadata = new Metadata(file.source(), header.metadata());
    header.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
  }

  /**
   * Maps and checks a file.
   *
   * @throws org.slmruntime.format.FormatException if it cannot be read or breaks the format, naming
   *     file, tensor and value
   */
  @SuppressWarnings("MustBeClosedChecker") // The file that is returned owns the arena.
  public static SafetensorsFile open(Path path) {
    Arena arena = Arena.ofShared();
    MappedFile file = null;
    try {
      file = MappedFile.open(path, "safetensors", arena);
      SafetensorsHeader header = SafetensorsHeader.read(file.source(), file.bytes());
      return new SafetensorsFile(arena, file, header);
    } catch (RuntimeException | Error e) {
      arena.close();
      if (file != null) {
        file.close();
      }
      throw e;
    }
  }

  @Override
  public String source() {
    return file.source();
  }

  /** The texts under {@code __metadata__}. */
  @Override
  public Metadata metadata() {
    return metadata;
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
    return file.identity();
  }

  @Override
  public void requireWhole() {
    file.requireWhole();
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
      file.close();
    }
  }
}
