package org.slmruntime.lora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.graph.Weight;
import org.slmruntime.model.Model;

/** Applies adapters to models. */
public final class Adapters {
  private Adapters() {}

  /**
   * The model with its layers changed by all adapters: a graph with their products, and a file with
   * their tensors, which closes them with the model's own. The adapters stay mapped.
   *
   * @param adapters in the order in which their changes are added up
   * @return the same model if there are none
   * @throws org.slmruntime.SlmException if one is malformed, of a kind that we cannot apply, or of
   *     another model; then the model stays as it was, and open
   */
  public static Model apply(Model model, List<ScaledAdapter> adapters) {
    if (adapters.isEmpty()) {
      return model;
    }
    List<Adapter> open = new ArrayList<>();
    try {
      List<LowRank> changes = new ArrayList<>();
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      for (BoundChange change : bind(model, adapters, open)) {
        changes.add(change.lowRank());
        tensors.put(change.lowRank().a().name(), change.a());
        tensors.put(change.lowRank().b().name(), change.b());
      }
      return model.with(
          new AdaptedFile(model.file(), open, tensors), LoraGraph.adapt(model.graph(), changes));
    } catch (RuntimeException | Error e) {
      open.forEach(Adapter::close);
      throw e;
    }
  }

  /**
   * Finds the layers that adapters change. Tensors are named after the adapter's number and the
   * layer.
   *
   * @param open receives the adapters, for the caller to close in any case
   */
  static List<BoundChange> bind(Model model, List<ScaledAdapter> adapters, List<Adapter> open) {
    List<BoundChange> changes = new ArrayList<>();
    for (int i = 0; i < adapters.size(); i++) {
      Adapter adapter = Adapter.open(adapters.get(i).path());
      open.add(adapter);
      Binding binding = new Binding(model, adapter);
      for (StoredChange change : adapter.changes()) {
        String name = "adapter." + i + "." + change.matrix();
        changes.add(binding.bind(change, name, adapters.get(i).scale()));
      }
    }
    return changes;
  }

  /**
   * A change of a layer of a model.
   *
   * @param a what {@code lowRank.a()} names
   * @param b the same in the order of the model's rows
   */
  record BoundChange(LowRank lowRank, StoredTensor a, StoredTensor b) {
    Weight base() {
      return lowRank.base();
    }
  }
}
