package org.slmruntime.lora;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;

/**
 * The order of query and key rows. Transformers rotates element i of a head with i + size / 2, and
 * has rows in that order. For models that rotate adjacent elements GGUF has them in another, in
 * which row 2i of a head is transformers' row i, and row 2i + 1 its row i + size / 2.
 *
 * @param heads equal parts of the rows
 * @param size rows of a head, even
 */
record HeadRows(int heads, int size) {
  /** Those of a layer, if its rows have another order than transformers'. */
  static Optional<HeadRows> of(Graph graph, Node layer) {
    return graph.nodes().stream()
        .filter(node -> node.op() instanceof Op.Rope)
        .map(node -> (Op.Rope) node.op())
        .filter(rope -> layer.output().equals(Optional.of(rope.input())))
        .filter(rope -> rope.table().pairing() == RotaryTable.Pairing.ADJACENT)
        .map(rope -> new HeadRows(rope.heads(), rope.input().width() / rope.heads()))
        .findFirst();
  }

  /** Transformers' row that lies at {@code row} in GGUF. */
  int inTransformers(int row) {
    int within = row % size;
    return row - within + within / 2 + (within % 2) * (size / 2);
  }

  /** A matrix in GGUF's order of one in transformers'. */
  MemorySegment toGguf(MemorySegment rows, long rowBytes) {
    MemorySegment permuted = MemorySegment.ofArray(new byte[Math.toIntExact(rows.byteSize())]);
    for (int i = 0; i < heads * size; i++) {
      MemorySegment.copy(rows, inTransformers(i) * rowBytes, permuted, i * rowBytes, rowBytes);
    }
    return permuted;
  }

  /** A matrix in transformers' order of one in GGUF's. */
  float[] toTransformers(float[] rows, int columns) {
    float[] permuted = new float[rows.length];
    for (int i = 0; i < heads * size; i++) {
      System.arraycopy(rows, i * columns, permuted, inTransformers(i) * columns, columns);
    }
    return permuted;
  }
}
