package org.slmruntime.train.loop;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slmruntime.format.Metadata;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.safetensors.SafetensorsFile;
import org.slmruntime.format.safetensors.SafetensorsWriter;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.optimizer.AdamW;

/**
 * A training's state as a safetensors file: weights and moments in F32, the number of the step, the
 * history, and the settings that made it, without which going on would give something else.
 */
final class Checkpoint {
  private static final String STEP = "step";
  private static final String HISTORY = "history";
  private static final String SETTING = "setting.";

  private Checkpoint() {}

  /** Writes the file whole or not at all. */
  static void write(Path file, TrainingState state, Map<String, String> settings) {
    SafetensorsWriter writer = new SafetensorsWriter();
    writer.put(STEP, Long.toString(state.step()));
    writer.put(HISTORY, state.history().toCsv());
    settings.forEach((key, value) -> writer.put(SETTING + key, value));
    state.weights().forEach((weight, values) -> add(writer, "weight", weight, values));
    for (Weight weight : state.trained()) {
      add(writer, "mean", weight, state.moments(weight).mean());
      add(writer, "variance", weight, state.moments(weight).variance());
    }
    writer.write(file);
  }

  private static void add(SafetensorsWriter writer, String what, Weight weight, float[] values) {
    writer.add(name(what, weight), DType.F32, dims(weight), values);
  }

  private static String name(String what, Weight weight) {
    String slice = weight.offset() == 0 ? "" : "+" + weight.offset();
    return what + "." + weight.name() + slice;
  }

  private static List<Long> dims(Weight weight) {
    return List.of((long) weight.columns(), (long) weight.rows());
  }

  /**
   * Reads a state.
   *
   * @param trained the weights that it must have, and no others
   * @param settings which must be those that it was written with
   * @throws TrainException if they are not, or it is no checkpoint
   * @throws org.slmruntime.format.FormatException if the file is broken
   */
  static TrainingState read(Path path, Set<Weight> trained, Map<String, String> settings) {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      requireSettings(file, settings);
      if (file.tensors().size() != 3L * trained.size()) {
        throw new TrainException(
            path
                + ": has "
                + file.tensors().size()
                + " tensors but should have 3 for each of "
                + trained.size()
                + " weights");
      }
      Map<Weight, float[]> weights = new LinkedHashMap<>();
      Map<Weight, AdamW.Moments> moments = new LinkedHashMap<>();
      for (Weight weight : trained) {
        weights.put(weight, values(file, "weight", weight));
        float[] mean = values(file, "mean", weight);
        moments.put(weight, new AdamW.Moments(mean, values(file, "variance", weight)));
      }
      LossHistory history = LossHistory.ofCsv(file.metadata().requireString(HISTORY));
      return TrainingState.resume(weights, moments, history, step(file.metadata()));
    }
  }

  private static long step(Metadata metadata) {
    String step = metadata.requireString(STEP);
    try {
      return Long.parseLong(step);
    } catch (NumberFormatException e) {
      throw new TrainException(metadata.source() + ": no training is at step " + step, e);
    }
  }

  private static void requireSettings(SafetensorsFile file, Map<String, String> settings) {
    settings.forEach(
        (key, value) -> {
          String before = file.metadata().string(SETTING + key).orElse("absent");
          if (!before.equals(value)) {
            throw new TrainException(
                file.source()
                    + ": was begun with "
                    + (key + " " + before + ", it cannot go on with " + value));
          }
        });
  }

  private static float[] values(SafetensorsFile file, String what, Weight weight) {
    String name = name(what, weight);
    StoredTensor tensor =
        file.tensor(name)
            .orElseThrow(() -> new TrainException(file.source() + ": has no tensor " + name));
    if (tensor.type() != DType.F32 || !tensor.dims().equals(dims(weight))) {
      throw new TrainException(
          file.source() + ": " + tensor + " should be F32" + dims(weight) + " of the model");
    }
    return tensor.values();
  }
}
