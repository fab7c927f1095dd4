package org.slmruntime.cpu.matmul;

import java.util.Arrays;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.Step;
import org.slmruntime.cpu.parallel.Region;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.graph.Rows;

/**
 * Linear layers that share an input, as one parallel region over the output rows of all, after one
 * over the tokens where kernels want them in another form.
 */
public final class LinearStep implements Step, Region {
  /** Multiplications below which waking others costs more than it gains. */
  private static final long WORTH_SHARING = 1 << 16;

  private final Part[] parts;

  private final Shares oneTokenShares;
  private final Shares tileShares;
  private final long work;
  private final Rows kind;
  private final float[] x;
  private final Activations activations;
  private final LinearScratch[] scratch;
  private final Team team;
  private final Region preparation = new Preparation();
  private int tokens;

  /**
   * One layer.
   *
   * @param bias one float per output row, or null
   */
  public record Part(LinearKernel kernel, float[] bias, float[] out) {}

  /**
   * How the parts are cut.
   *
   * @param rows of a chunk of each part
   * @param first where each part's chunks begin, and where they end
   */
  private record Shares(int[] rows, int[] first) {}

  /**
   * @param scratch one per thread, wide enough for every part
   */
  public LinearStep(
      Part[] parts,
      Rows kind,
      float[] x,
      Activations activations,
      LinearScratch[] scratch,
      Team team) {
    this.parts = parts.clone();
    this.kind = kind;
    this.x = x;
    this.activations = activations;
    this.scratch = scratch;
    this.team = team;
    this.oneTokenShares = cut(1);
    this.tileShares = cut(2);
    this.work =
        Arrays.stream(parts).mapToLong(p -> (long) p.kernel.rows() * p.kernel.columns()).sum();
  }

  private Shares cut(int tokenCount) {
    int[] rows = new int[parts.length];
    int[] first = new int[parts.length + 1];
    for (int i = 0; i < parts.length; i++) {
      LinearKernel kernel = parts[i].kernel;
      rows[i] = kernel.chunkRows(tokenCount, team.size());
      first[i + 1] = first[i] + Math.ceilDiv(kernel.rows(), rows[i]);
    }
    return new Shares(rows, first);
  }

  private Shares shares() {
    return tokens == 1 ? oneTokenShares : tileShares;
  }

  @Override
  public void run(StepInput input) {
    tokens = kind == Rows.TOKENS ? input.tokenCount() : input.outputCount();
    if (tokens == 0) {
      return;
    }
    activations.begin(x, tokens);
    run(preparation);
    run(this);
  }

  private void run(Region region) {
    if (work * tokens >= WORTH_SHARING) {
      team.run(region);
    } else {
      for (int chunk = 0; chunk < region.chunks(); chunk++) {
        region.run(chunk, 0);
      }
    }
  }

  @Override
  public int chunks() {
    return shares().first[parts.length];
  }

  @Override
  public void run(int chunk, int worker) {
    Shares shares = shares();
    int i = 0;
    while (chunk >= shares.first[i + 1]) {
      i++;
    }
    LinearKernel kernel = parts[i].kernel;
    int first = (chunk - shares.first[i]) * shares.rows[i];
    int last = Math.min(kernel.rows(), first + shares.rows[i]);
    kernel.multiply(activations, tokens, parts[i].out, first, last, scratch[worker]);
    if (parts[i].bias != null) {
      addBias(parts[i], first, last);
    }
  }

  private void addBias(Part part, int first, int last) {
    int rows = part.kernel.rows();
    for (int t = 0; t < tokens; t++) {
      for (int r = first; r < last; r++) {
        part.out[t * rows + r] += part.bias[r];
      }
    }
  }

  /** Lays out the input as the kernels want it. */
  private final class Preparation implements Region {
    @Override
    public int chunks() {
      for (Part part : parts) {
        if (part.kernel.form(tokens) != Activations.Form.VALUES) {
          return Math.ceilDiv(tokens, Activations.TOKENS_PER_CHUNK);
        }
      }
      return 0;
    }

    @Override
    public void run(int chunk, int worker) {
      int first = chunk * Activations.TOKENS_PER_CHUNK;
      int last = Math.min(tokens, first + Activations.TOKENS_PER_CHUNK);
      for (int i = 0; i < parts.length; i++) {
        if (firstWith(parts[i].kernel.form(tokens)) == i) {
          activations.prepare(
              parts[i].kernel.form(tokens), first, last, columns(), scratch[worker]);
        }
      }
    }

    /** Parts of one form share what is laid out. */
    private int firstWith(Activations.Form form) {
      int i = 0;
      while (parts[i].kernel.form(tokens) != form) {
        i++;
      }
      return i;
    }

    private int columns() {
      return parts[0].kernel.columns();
    }
  }
}
