package org.slmruntime.lora;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slmruntime.format.ModelFile;
import org.slmruntime.format.StoredTensor;

/**
 * An open adapter, of no particular model yet. Threads may share it.
 *
 * @param source the path as the user gave it, for messages
 * @param file with the tensors, closed with the adapter
 * @param architecture of the models that it is for, if it says so
 * @param transformersRows whether rows of queries and keys have the order of transformers ({@link
 *     HeadRows})
 * @param changes each of another layer
 */
record Adapter(
    String source,
    ModelFile file,
    Optional<String> architecture,
    boolean transformersRows,
    List<StoredChange> changes)
    implements AutoCloseable {
  static final int MAX_RANK = 1 << 16;

  private static final int MAX_CHANGES = 1 << 13;

  /**
   * @throws AdapterException if a change has impossible shapes, whatever the model
   */
  Adapter {
    changes = List.copyOf(changes);
    if (changes.isEmpty() || changes.size() > MAX_CHANGES) {
      throw new AdapterException(
          source
              + ": changes "
              + changes.size()
              + " layers; 1 to "
              + MAX_CHANGES
              + " are possible");
    }
    for (StoredChange change : changes) {
      StoredTensor a = change.a();
      StoredTensor b = change.b();
      boolean matrices = a.dims().size() == 2 && b.dims().size() == 2;
      if (!matrices || a.rows() != b.columns() || a.rows() < 1 || a.rows() > MAX_RANK) {
        throw new AdapterException(
            source + ": " + a + " and " + b + " are no matrices of one rank in 1.." + MAX_RANK);
      }
    }
  }

  /**
   * Opens PEFT's folder (or the safetensors file in it) or a GGUF file, and checks all of it that
   * can be checked without the model.
   *
   * @throws org.slmruntime.SlmException if it is malformed or of a kind that we cannot apply
   */
  static Adapter open(Path path) {
    String name = String.valueOf(path.getFileName());
    if (Files.isDirectory(path)) {
      return PeftFolder.open(path, path);
    }
    if (name.endsWith(".safetensors")) {
      return PeftFolder.open(path, path.toAbsolutePath().getParent());
    }
    if (name.endsWith(".bin") || name.endsWith(".pt") || name.endsWith(".pth")) {
      throw pickled(path);
    }
    return GgufAdapter.open(path);
  }

  static AdapterException pickled(Path path) {
    return new AdapterException(
        path
            + ": is a pickled checkpoint, which could run any code when it is read; save the adapter"
            + " as safetensors");
  }

  @Override
  public void close() {
    file.close();
  }
}
