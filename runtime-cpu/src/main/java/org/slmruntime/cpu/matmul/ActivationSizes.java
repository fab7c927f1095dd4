package org.slmruntime.cpu.matmul;

import static org.slmruntime.cpu.packed.Panels.BLOCK;

import java.util.Set;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.packed.Multipliers;
import org.slmruntime.cpu.packed.TokenGroups;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Rows;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/**
 * What {@link Activations} must have room for: the largest input of any linear layer in each form.
 *
 * @param splitFloats floats that are split by lane
 * @param wordFloats floats in the order of {@link WordTokens}
 * @param wordTokens tokens of those
 * @param codes elements that are rounded to 8 bits, of {@link TokenGroups#padded} tokens
 * @param multipliers {@link Multipliers} of one token
 */
public record ActivationSizes(
    long splitFloats, long wordFloats, int wordTokens, long codes, int multipliers) {
  /**
   * @param packed the weights whose kernels take rounded activations
   */
  public static ActivationSizes of(
      Graph graph, Weights weights, Set<Weight> packed, PlanOptions options) {
    ActivationSizes most = new ActivationSizes(0, 0, 0, 0, 0);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Linear op) {
        int tokens = op.input().rows() == Rows.TOKENS ? options.maxTokens() : options.maxOutputs();
        int columns = op.weight().columns();
        most =
            most.or(
                packed.contains(op.weight())
                    ? rounded(tokens, columns)
                    : plain(weights.get(op.weight()).type(), tokens, columns));
      }
    }
    return most;
  }

  /** Of tokens that packed weights are multiplied with. */
  static ActivationSizes rounded(int tokens, int columns) {
    long codes = (long) TokenGroups.padded(tokens) * columns;
    return new ActivationSizes(0, 0, 0, codes, Multipliers.count(columns));
  }

  /** Of tokens that weights in place are multiplied with. */
  static ActivationSizes plain(DType type, int tokens, int columns) {
    return switch (MappedLinear.formOf(type, tokens, columns)) {
      case SPLIT -> new ActivationSizes(new SplitTokens(columns).floats(tokens), 0, 0, 0, 0);
      case WORDS, SPLIT_WORDS ->
          new ActivationSizes(0, WordTokens.floats(tokens, columns), tokens, 0, 0);
      default -> new ActivationSizes(0, 0, 0, 0, 0);
    };
  }

  private ActivationSizes or(ActivationSizes other) {
    return new ActivationSizes(
        Math.max(splitFloats, other.splitFloats),
        Math.max(wordFloats, other.wordFloats),
        Math.max(wordTokens, other.wordTokens),
        Math.max(codes, other.codes),
        Math.max(multipliers, other.multipliers));
  }

  /** Bytes held. */
  public long bytes() {
    long rounded = codes * Short.BYTES + 2 * (codes / BLOCK) * Float.BYTES;
    long forOne = (long) Activations.WIDTHS * multipliers * Integer.BYTES;
    long floats = splitFloats + wordFloats + wordTokens;
    return floats * Float.BYTES + rounded + forOne + TokenGroups.byteSize(codes);
  }
}
