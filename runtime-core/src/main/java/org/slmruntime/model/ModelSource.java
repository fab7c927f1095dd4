package org.slmruntime.model;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slmruntime.format.Metadata;
import org.slmruntime.format.ModelFile;
import org.slmruntime.format.Shown;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.graph.Weight;
import org.slmruntime.quant.QuantFormat;
import org.slmruntime.quant.QuantFormats;

/**
 * What a family reads: the metadata under its architecture's prefix, and tensors as weights whose
 * shape has been checked.
 */
public final class ModelSource {
  private final ModelFile file;
  private final String architecture;

  /** Names of the tensors asked for, to tell those that nobody wants. */
  private final Set<String> used = new HashSet<>();

  ModelSource(ModelFile file, String architecture) {
    this.file = file;
    this.architecture = architecture;
  }

  /** The file's path, for messages. */
  public String name() {
    return file.source();
  }

  public String architecture() {
    return architecture;
  }

  public Metadata metadata() {
    return file.metadata();
  }

  /** The full name of an architecture's key, e.g. {@code llama.block_count}. */
  public String key(String suffix) {
    return architecture + "." + suffix;
  }

  public boolean has(String tensor) {
    return file.tensor(tensor).isPresent();
  }

  /** The matrix that maps {@code columns} features to {@code rows}. */
  public Weight matrix(String tensor, int rows, int columns) {
    StoredTensor stored = require(tensor);
    checkShape(stored, columns, rows);
    return Weight.matrix(tensor, rows, columns);
  }

  /** A vector of {@code length} elements. */
  public Weight vector(String tensor, int length) {
    checkShape(require(tensor), length, 1);
    return Weight.vector(tensor, length);
  }

  /** A vector that may be absent. */
  public Optional<Weight> optionalVector(String tensor, int length) {
    return has(tensor) ? Optional.of(vector(tensor, length)) : Optional.empty();
  }

  /** The decoded elements of a small vector that the graph itself needs. */
  public float[] values(String tensor, int length) {
    checkShape(require(tensor), length, 1);
    StoredTensor stored = require(tensor);
    QuantFormat format =
        QuantFormats.of(stored.type())
            .orElseThrow(() -> new ModelException(name() + ": cannot decode " + stored));
    float[] values = new float[length];
    format.decode(stored.data(), 0, values, 0, length);
    return values;
  }

  /**
   * The factor that a linear layer's weights are multiplied with beside their own scales: one float
   * named {@code <layer>.scale}.
   *
   * @param layer name without suffix, e.g. {@code blk.0.attn_q}
   */
  public Optional<Float> scale(String layer) {
    String tensor = layer + ".scale";
    if (!has(tensor)) {
      return Optional.empty();
    }
    float scale = values(tensor, 1)[0];
    if (!Float.isFinite(scale)) {
      throw error("tensor " + tensor + " is " + scale);
    }
    return Optional.of(scale);
  }

  public StoredTensor require(String tensor) {
    used.add(tensor);
    return file.tensor(tensor)
        .orElseThrow(
            () ->
                new ModelException(
                    name() + ": tensor " + tensor + " is missing; " + architecture + " needs it"));
  }

  public ModelException error(String problem) {
    return new ModelException(name() + ": " + problem);
  }

  /**
   * Refuses tensors that the graph leaves out: a file that holds more than its architecture has is
   * of another model, which would run and say nonsense.
   */
  void refuseUnused() {
    for (StoredTensor tensor : file.tensors()) {
      String name = tensor.name();
      // How to round activations, where the device multiplies rounded ones.
      boolean advice = name.endsWith(".input_scale");
      if (!advice && !used.contains(name)) {
        throw error(
            "tensor "
                + Shown.of(name)
                + " has no place in architecture "
                + architecture
                + "; is it another model's file?");
      }
    }
  }

  private void checkShape(StoredTensor stored, long columns, long rows) {
    boolean fits =
        stored.columns() == columns
            && stored.rows() == rows
            && (stored.dims().size() < 2 || stored.dims().get(1) == rows);
    if (!fits) {
      throw error(
          "tensor "
              + stored.name()
              + " has shape "
              + stored.dims()
              + " but should have ["
              + columns
              + (rows == 1 ? "]" : ", " + rows + "]"));
    }
  }
}
