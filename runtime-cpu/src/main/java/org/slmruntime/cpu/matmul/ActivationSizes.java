package org.slmruntime.cpu.matmul;

import static org.slmruntime.cpu.packed.Panels.BLOCK;

import java.util.Map;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.packed.Multipliers;
import org.slmruntime.cpu.packed.PackedFormat;
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
 * @param paired elements that are rounded to 8 bits and paired, of {@link TokenGroups#padded}
 *     tokens
 * @param floats elements that are rounded and kept as float32, likewise
 * @param multipliers {@link Multipliers} of one token
 */
public record ActivationSizes(
    long splitFloats, long wordFloats, int wordTokens, long paired, long floats, int multipliers) {
  private static final ActivationSizes NONE = new ActivationSizes(0, 0, 0, 0, 0, 0);

  /**
   * @param packed the weights whose kernels take rounded activations
   */
  public static ActivationSizes of(
      Graph graph, Weights weights, Map<Weight, PackedFormat> packed, PlanOptions options) {
    ActivationSizes most = NONE;
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Linear op) {
        int tokens = op.input().rows() == Rows.TOKENS ? options.maxTokens() : options.maxOutputs();
        int columns = op.weight().columns();
        PackedFormat format = packed.get(op.weight());
        most =
            most.or(
                format == null
                    ? plain(weights.get(op.weight()).type(), tokens, columns)
                    : rounded(format, tokens, columns));
      }
    }
    return most;
  }

  /** Of tokens that packed weights are multiplied with. */
  static ActivationSizes rounded(PackedFormat format, int tokens, int columns) {
    long elements = (long) TokenGroups.padded(tokens) * columns;
    boolean asFloats = format.width().multiplied() == PackedFormat.CodeWidth.EIGHT;
    return new ActivationSizes(
        0, 0, 0, asFloats ? 0 : elements, asFloats ? elements : 0, Multipliers.count(columns));
  }

  /** Of tokens that weights in place are multiplied with. */
  static ActivationSizes plain(DType type, int tokens, int columns) {
    return switch (MappedLinear.formOf(type, tokens, columns)) {
      case SPLIT -> new ActivationSizes(new SplitTokens(columns).floats(tokens), 0, 0, 0, 0, 0);
      case WORDS, SPLIT_WORDS ->
          new ActivationSizes(0, WordTokens.floats(tokens, columns), tokens, 0, 0, 0);
      default -> NONE;
    };
  }

  private ActivationSizes or(ActivationSizes other) {
    return new ActivationSizes(
        Math.max(splitFloats, other.splitFloats),
        Math.max(wordFloats, other.wordFloats),
        Math.max(wordTokens, other.wordTokens),
        Math.max(paired, other.paired),
        Math.max(floats, other.floats),
        Math.max(multipliers, other.multipliers));
  }

  /** Elements that are rounded in any form. */
  long codes() {
    return Math.max(paired, floats);
  }

  /** Bytes held. */
  public long bytes() {
    long rounded = codes() * Short.BYTES + 2 * (codes() / BLOCK) * Float.BYTES;
    long forOne = (long) Activations.WIDTHS * multipliers * Integer.BYTES;
    long plain = splitFloats + wordFloats + wordTokens;
    return plain * Float.BYTES + rounded + forOne + TokenGroups.byteSize(paired, floats);
  }
}
