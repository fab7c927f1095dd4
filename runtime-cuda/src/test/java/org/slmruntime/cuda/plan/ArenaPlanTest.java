package org.slmruntime.cuda.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slmruntime.cuda.testing.LlamaGraph;
import org.slmruntime.graph.Rows;
import org.slmruntime.tensor.DType;

class ArenaPlanTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  @Test
  void buffersThatLiveTogetherDoNotOverlap() {
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      List<Buffer> buffers = new ArrayList<>();
      for (int b = 0; b < 1 + random.nextInt(40); b++) {
        int first = random.nextInt(30);
        Rows rows = random.nextBoolean() ? Rows.TOKENS : Rows.OUTPUTS;
        buffers.add(
            new Buffer(rows, 4 * (1 + random.nextInt(99)), first, first + random.nextInt(9)));
      }
      checkApart(buffers, ArenaPlan.of(buffers, 7, 3));
    }
  }

  private void checkApart(List<Buffer> buffers, ArenaPlan plan) {
    for (int a = 0; a < buffers.size(); a++) {
      assertEquals(0, plan.offsets()[a] % 256);
      assertTrue(plan.offsets()[a] + bytes(buffers.get(a)) <= plan.bytes(), "seed " + seed);
      for (int b = 0; b < a; b++) {
        boolean together =
            buffers.get(a).first() <= buffers.get(b).last()
                && buffers.get(b).first() <= buffers.get(a).last();
        boolean apart =
            plan.offsets()[a] + bytes(buffers.get(a)) <= plan.offsets()[b]
                || plan.offsets()[b] + bytes(buffers.get(b)) <= plan.offsets()[a];
        assertTrue(apart || !together, a + " and " + b + ", seed " + seed);
      }
    }
  }

  private static long bytes(Buffer buffer) {
    return (buffer.rows() == Rows.TOKENS ? 7L : 3L) * buffer.stride() * Float.BYTES;
  }

  @Test
  void aDeepModelNeedsNoMoreThanAShallowOne() {
    assertEquals(arenaBytes(2), arenaBytes(20));
  }

  private static long arenaBytes(int layers) {
    LlamaGraph model = LlamaGraph.make(1, LlamaGraph.Shape.llama(layers, DType.Q4_0));
    Program program = Fuser.fuse(model.graph(), w -> model.weights().get(w).type());
    return ArenaPlan.of(program.buffers(), 64, 4).bytes();
  }
}
