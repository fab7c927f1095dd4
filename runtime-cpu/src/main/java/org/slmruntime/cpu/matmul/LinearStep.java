package org.slmruntime.cpu.matmul;

import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.Step;
import org.slmruntime.cpu.parallel.Region;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.graph.Rows;

/** Linear layers that share an input, as one parallel region over the output rows of all. */
public final class LinearStep implements Step, Region {
  /** Multiplications below which waking others costs more than it gains. */
  private static final long WORTH_SHARING = 1 << 16;

  private final Part[] parts;
  private final int[] firstChunks;
  private final long work;
  private final Rows kind;
  private final float[] x;
  private final float[][] scratch;
  private final Team team;
  private int tokens;

  /**
   * One layer.
   *
   * @param bias one float per output row, or null
   */
  public record Part(LinearKernel kernel, float[] bias, float[] out) {}

  /**
   * @param scratch one array per thread, large enough for every part
   */
  public LinearStep(Part[] parts, Rows kind, float[] x, float[][] scratch, Team team) {
    this.parts = parts.clone();
    this.kind = kind;
    this.x = x;
    this.scratch = scratch;
    this.team = team;
    this.firstChunks = new int[parts.length + 1];
    long multiplications = 0;
    for (int i = 0; i < parts.length; i++) {
      LinearKernel kernel = parts[i].kernel;
      firstChunks[i + 1] = firstChunks[i] + Math.ceilDiv(kernel.rows(), kernel.chunkRows());
      multiplications += (long) kernel.rows() * kernel.columns();
    }
    this.work = multiplications;
  }

  @Override
  public void run(StepInput input) {
    tokens = kind == Rows.TOKENS ? input.tokenCount() : input.outputCount();
    if (tokens == 0) {
      return;
    }
    if (work * tokens >= WORTH_SHARING) {
      team.run(this);
    } else {
      for (int chunk = 0; chunk < chunks(); chunk++) {
        run(chunk, 0);
      }
    }
  }

  @Override
  public int chunks() {
    return firstChunks[parts.length];
  }

  @Override
  public void run(int chunk, int worker) {
    int i = 0;
    while (chunk >= firstChunks[i + 1]) {
      i++;
    }
    LinearKernel kernel = parts[i].kernel;
    int first = (chunk - firstChunks[i]) * kernel.chunkRows();
    int last = Math.min(kernel.rows(), first + kernel.chunkRows());
    kernel.multiply(x, tokens, parts[i].out, first, last, scratch[worker]);
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
}
