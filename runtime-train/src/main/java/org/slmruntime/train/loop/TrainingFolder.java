package org.slmruntime.train.loop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slmruntime.format.AtomicFile;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainException;

/**
 * The folder that a training leaves its files in: {@code checkpoint.safetensors} to go on from
 * until it is complete, {@code loss.csv} and {@code loss.svg}. Each file is replaced as a whole.
 */
public final class TrainingFolder {
  private static final String CHECKPOINT = "checkpoint.safetensors";

  private final Path folder;
  private final String title;
  private final Map<String, String> settings;

  /**
   * @param title of the chart
   * @param settings all that decides what comes out of the training
   */
  public TrainingFolder(Path folder, String title, Map<String, String> settings) {
    this.folder = folder;
    this.title = title;
    this.settings = Map.copyOf(settings);
  }

  private Path checkpoint() {
    return file(CHECKPOINT);
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  /** Whether a folder has a training to go on with, of whatever kind. */
  public static boolean isResumable(Path folder) {
    return Files.exists(folder.resolve(CHECKPOINT));
  }

  /**
   * What was saved last, if there is something.
   *
   * @throws TrainException if it was begun with other settings
   */
  public Optional<TrainingState> resume(Set<Weight> trained) {
    return isResumable(folder)
        ? Optional.of(Checkpoint.read(checkpoint(), trained, settings))
        : Optional.empty();
  }

  /** Keeps a state, and shows its history. Only for who has the {@link #lock}. */
  public void save(TrainingState state) {
    Checkpoint.write(checkpoint(), state, settings);
    showHistory(state.history());
  }

  private void showHistory(LossHistory history) {
    write("loss.csv", history.toCsv());
    write("loss.svg", history.toSvg(title));
  }

  /** Keeps other trainings out; who trains holds it from before its first look to the end. */
  public FolderLock lock() {
    return FolderLock.take(folder);
  }

  /** Deletes the checkpoint if there is one: nobody is to go on from it. */
  public void clear() {
    delete(CHECKPOINT);
  }

  /** Deletes a file of the folder, if it is there. */
  public void delete(String name) {
    try {
      Files.deleteIfExists(file(name));
    } catch (IOException e) {
      throw new TrainException(file(name) + ": cannot be deleted: " + e, e);
    }
  }

  private void write(String name, String text) {
    AtomicFile.write(file(name), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
