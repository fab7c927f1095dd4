package org.slmruntime.train.pretrain;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.graph.Weight;
import org.slmruntime.model.Model;
import org.slmruntime.tensor.DType;
import org.slmruntime.train.TrainException;

/** All weights of a model as arrays, and back into a file. */
public final class TrainedModel {
  private TrainedModel() {}

  /**
   * The weights of a model's graph, decoded, row by row.
   *
   * @throws TrainException if a tensor is used in parts
   * @throws org.slmruntime.format.FormatException if one is too large for an array
   */
  public static Map<Weight, float[]> weights(Model model) {
    Map<Weight, float[]> weights = new LinkedHashMap<>();
    for (Weight weight : model.graph().weights()) {
      StoredTensor tensor = model.file().tensor(weight.name()).orElseThrow();
      if (tensor.elements() != weight.elements()) {
        throw new TrainException(weight + " is not the whole of " + tensor);
      }
      weights.put(weight, tensor.values());
    }
    return weights;
  }

  /**
   * Writes the model with other weights, whole or not at all.
   *
   * @param like whose metadata the file gets
   * @param type of the matrices; vectors, and matrices whose rows are no whole blocks, are F32
   */
  public static void write(Path file, Model like, Map<Weight, float[]> weights, DType type) {
    GgufWriter writer = new GgufWriter();
    like.file().metadata().values().forEach(writer::put);
    Map<String, float[]> byName = new LinkedHashMap<>();
    weights.forEach((weight, values) -> byName.put(weight.name(), values));
    for (StoredTensor tensor : like.file().tensors()) {
      float[] values = byName.get(tensor.name());
      if (values == null) {
        writer.add(tensor);
      } else {
        boolean fits = tensor.rows() > 1 && tensor.columns() % type.blockElements() == 0;
        writer.add(tensor.name(), fits ? type : DType.F32, tensor.dims(), values);
      }
    }
    writer.write(file);
  }
}
