package org.slmruntime.benchmarks.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.slmruntime.benchmarks.BenchmarkException;

/** A folder of model files that are made once and reused. */
public final class ModelFolder {
  /** Raised when files come out differently, so that old ones are not taken for new. */
  private static final int VERSION = 1;

  private static final long SPARE_BYTES = 1L << 30;

  private final Path folder;
  private final Consumer<String> notice;

  /**
   * @param notice told of each file that is made
   */
  public ModelFolder(Path folder, Consumer<String> notice) {
    this.folder = folder;
    this.notice = notice;
  }

  /** What a file is made of. */
  public record Model(Shape shape, Mix mix) {
    @Override
    public String toString() {
      return shape + " " + mix.name();
    }
  }

  /** Where a model's file is or will be. */
  public Path file(Model model) {
    return folder.resolve(model.shape.name() + "-" + model.mix + "-v" + VERSION + ".gguf");
  }

  /**
   * Makes the files that are not there, several at a time.
   *
   * @throws BenchmarkException if the disk has too little room for them
   */
  public void make(List<Model> models) {
    List<Model> missing = models.stream().filter(model -> !Files.exists(file(model))).toList();
    if (missing.isEmpty()) {
      return;
    }
    try {
      Files.createDirectories(folder);
      long needed =
          missing.stream().mapToLong(m -> new ModelMaker(m.shape, m.mix).byteSize()).sum();
      requireSpace(needed, Files.getFileStore(folder).getUsableSpace());
    } catch (IOException e) {
      throw new BenchmarkException(folder + ": cannot be used for models: " + e, e);
    }
    missing.parallelStream().forEach(this::write);
  }

  private void write(Model model) {
    notice.accept("making " + model + " ...");
    new ModelMaker(model.shape, model.mix).write(file(model));
  }

  /** Some is left for whatever else writes there. */
  static void requireSpace(long needed, long usable) {
    if (needed + SPARE_BYTES > usable) {
      throw new BenchmarkException(
          "the models need "
              + needed
              + " bytes of disk besides a spare GiB and "
              + usable
              + " are free: "
              + (needed + SPARE_BYTES - usable)
              + " are missing");
    }
  }
}
