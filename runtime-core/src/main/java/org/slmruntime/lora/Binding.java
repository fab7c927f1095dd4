package org.slmruntime.lora;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Weight;
import org.slmruntime.model.Model;

/** Finds the layers of a model that an adapter changes, and holds the shapes against them. */
final class Binding {
  private final Graph graph;
  private final Adapter adapter;

  /**
   * @throws AdapterException if the adapter is for another architecture
   */
  Binding(Model model, Adapter adapter) {
    this.graph = model.graph();
    this.adapter = adapter;
    String own = model.architecture();
    adapter
        .architecture()
        .filter(wanted -> !wanted.equals(own))
        .ifPresent(
            wanted -> {
              throw error("is for architecture " + wanted + " but the model has " + own);
            });
    if (adapter.transformersRows() && !HuggingFaceNames.areThoseOf(own)) {
      throw error("adapters in PEFT's form are not supported for architecture " + own);
    }
  }

  /**
   * @param name of the tensors, to which the half is added
   * @param scale multiplies the adapter's own
   */
  Adapters.BoundChange bind(StoredChange change, String name, float scale) {
    Optional<Node> layer = layer(change.layer());
    Weight base = layer.map(Binding::matrix).orElseGet(() -> wholeMatrix(change));
    StoredTensor a = change.a();
    StoredTensor b = change.b();
    if (a.columns() != base.columns() || b.rows() != base.rows()) {
      throw error(
          change.name()
              + ": "
              + a.dims()
              + " and "
              + b.dims()
              + " do not fit the model's "
              + base
              + "; is it an adapter of another model?");
    }
    LowRank lowRank = LowRank.named(name, base, change.rank(), scale * change.scale());
    Optional<HeadRows> rows = layer.flatMap(node -> HeadRows.of(graph, node));
    StoredTensor ordered =
        adapter.transformersRows() && rows.isPresent() ? permuted(b, rows.get()) : b;
    return new Adapters.BoundChange(lowRank, a, ordered);
  }

  private static StoredTensor permuted(StoredTensor b, HeadRows rows) {
    MemorySegment data = rows.toGguf(b.data(), b.type().byteSize(b.columns()));
    return new StoredTensor(b.name(), b.type(), b.dims(), data);
  }

  /** The linear layer of this name, which may be a part of a fused matrix. */
  private Optional<Node> layer(String name) {
    return graph.nodes().stream()
        .filter(node -> node.op() instanceof Op.Linear && node.qualifiedName().equals(name))
        .findFirst();
  }

  private static Weight matrix(Node layer) {
    return ((Op.Linear) layer.op()).weight();
  }

  /** A fused matrix as the file has it, of which the layers have a part each. */
  private Weight wholeMatrix(StoredChange change) {
    int rows = 0;
    int columns = 0;
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Linear linear && linear.weight().name().equals(change.matrix())) {
        rows += linear.weight().rows();
        columns = linear.weight().columns();
      }
    }
    if (rows == 0) {
      throw error(
          change.name()
              + ": the model has no such linear layer; is it an adapter of another model?");
    }
    return Weight.matrix(change.matrix(), rows, columns);
  }

  private AdapterException error(String problem) {
    return new AdapterException(adapter.source() + ": " + problem);
  }
}
