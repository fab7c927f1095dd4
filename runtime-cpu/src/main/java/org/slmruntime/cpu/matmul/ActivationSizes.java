package org.slmruntime.cpu.matmul;

import static org.slmruntime.cpu.packed.Panels.BLOCK;

import java.util.Set;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.cpu.packed.Multipliers;
import org.slmruntime.cpu.packed.TokenGroups;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Rows;
import org.slmruntime.graph.Weight;

/**
 * What {@link Activations} must have room for: the largest input of any linear layer in each form.
 *
 * @param splitFloats floats that are split by lane
 * @param codes elements that are rounded to 8 bits, of {@link TokenGroups#padded} tokens
 * @param multipliers {@link Multipliers} of one token
 */
public record ActivationSizes(long splitFloats, long codes, int multipliers) {
  /**
   * @param packed the weights whose kernels take rounded activations
   */
  public static ActivationSizes of(Graph graph, Set<Weight> packed, PlanOptions options) {
    ActivationSizes most = new ActivationSizes(0, 0, 0);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Linear op) {
        int tokens = op.input().rows() == Rows.TOKENS ? options.maxTokens() : options.maxOutputs();
        int columns = op.weight().columns();
        most =
            most.or(
                packed.contains(op.weight()) ? rounded(tokens, columns) : plain(tokens, columns));
      }
    }
    return most;
  }

  /** Of tokens that packed weights are multiplied with. */
  static ActivationSizes rounded(int tokens, int columns) {
    long codes = (long) TokenGroups.padded(tokens) * columns;
    return new ActivationSizes(0, codes, Multipliers.count(columns));
  }

  /** Of tokens that weights in place are multiplied with. */
  static ActivationSizes plain(int tokens, int columns) {
    boolean split = MappedLinear.formOf(tokens, columns) == Activations.Form.SPLIT;
    return new ActivationSizes(split ? new SplitTokens(columns).floats(tokens) : 0, 0, 0);
  }

  private ActivationSizes or(ActivationSizes other) {
    return new ActivationSizes(
        Math.max(splitFloats, other.splitFloats),
        Math.max(codes, other.codes),
        Math.max(multipliers, other.multipliers));
  }

  /** Bytes held. */
  public long bytes() {
    long rounded = codes * Short.BYTES + 2 * (codes / BLOCK) * Float.BYTES;
    long forOne = (long) Activations.WIDTHS * multipliers * Integer.BYTES;
    return splitFloats * Float.BYTES + rounded + forOne + TokenGroups.byteSize(codes);
  }
}
