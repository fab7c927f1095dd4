package org.slmruntime.model;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slmruntime.format.ModelFile;
import org.slmruntime.format.Shown;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.graph.Graph;
import org.slmruntime.model.block.DecoderConfig;
import org.slmruntime.model.llama.LlamaFamily;
import org.slmruntime.model.qwen2.Qwen2Family;
import org.slmruntime.model.qwen3.Qwen3Family;

/** The registry of families. */
public final class Models {
  private static final List<ModelFamily> FAMILIES =
      List.of(new LlamaFamily(), new Qwen2Family(), new Qwen3Family());

  private static final Map<String, ModelFamily> BY_ARCHITECTURE = byArchitecture();

  private Models() {}

  /** The architectures that can be built, sorted. */
  public static List<String> architectures() {
    return List.copyOf(BY_ARCHITECTURE.keySet());
  }

  /**
   * Builds the graph of a model file.
   *
   * @throws ModelException if the architecture is unknown or tensors are missing or misshaped
   */
  public static Model build(ModelFile file) {
    String architecture = file.metadata().requireString("general.architecture");
    ModelFamily family = BY_ARCHITECTURE.get(architecture);
    if (family == null) {
      throw new ModelException(
          file.source()
              + ": architecture \""
              + Shown.of(architecture)
              + "\" is not supported; known are "
              + String.join(", ", architectures()));
    }
    ModelSource source = new ModelSource(file, architecture);
    Graph graph = family.graph(source);
    source.refuseUnused();
    return new Model(
        file,
        architecture,
        graph,
        new FileWeights(file),
        DecoderConfig.contextLength(source),
        parameters(file));
  }

  static long parameters(ModelFile file) {
    return file.tensors().stream().mapToLong(StoredTensor::elements).sum();
  }

  private static Map<String, ModelFamily> byArchitecture() {
    Map<String, ModelFamily> map = new TreeMap<>();
    for (ModelFamily family : FAMILIES) {
      for (String architecture : family.architectures()) {
        if (map.put(architecture, family) != null) {
          throw new IllegalStateException("two families build " + architecture);
        }
      }
    }
    return map;
  }
}
