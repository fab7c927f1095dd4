package org.slmruntime.cpu.ops;

import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.cpu.Step;

/** Copies the rows of the tokens whose outputs are wanted. */
public final class GatherStep implements Step {
  private final int width;
  private final float[] x;
  private final float[] out;

  public GatherStep(int width, float[] x, float[] out) {
    this.width = width;
    this.x = x;
    this.out = out;
  }

  @Override
  public void run(StepInput input) {
    for (int r = 0; r < input.outputCount(); r++) {
      System.arraycopy(x, input.outputToken(r) * width, out, r * width, width);
    }
  }
}
