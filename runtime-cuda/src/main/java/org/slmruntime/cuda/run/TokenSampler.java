package org.slmruntime.cuda.run;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.graph.Value;
import org.slmruntime.sampling.TokenDraws;

/** Chooses tokens from the logits in device memory. */
final class TokenSampler {
  /** Largest vocabulary: the sampling kernel keeps ids in 18 bits. */
  static final int MOST_TOKENS = 1 << 18;

  private static final int THREADS = 1024;

  private final Site argmax;
  private final Site sample;
  private final long ids;
  private final MemorySegment pinned;
  private final int[] chosen;

  TokenSampler(Blueprint plan, Sites sites, Addresses addresses, PlanMemory memory) {
    Value logits = plan.program().graph().output();
    this.argmax = site("argmax", logits, sites, addresses);
    this.sample = site("sample", logits, sites, addresses);
    sample
        .arguments()
        .set("settings", addresses.state() + addresses.stateLayout().settings())
        .set("workspace", addresses.scratch());
    this.ids = addresses.ids();
    int outputs = plan.options().maxOutputs();
    this.pinned = memory.pinned((long) outputs * Integer.BYTES);
    this.chosen = new int[outputs];
  }

  private static Site site(String kernel, Value logits, Sites sites, Addresses addresses) {
    Site site = sites.of(kernel, THREADS);
    site.arguments()
        .set("logits", addresses.of(logits))
        .set("logits_stride", addresses.stride(logits))
        .set("vocabulary", logits.width())
        .set("ids", addresses.ids());
    return site;
  }

  /** Waits for the ids, one per row. */
  int[] sample(TokenDraws draws, long stream, GpuDriver driver) {
    int rows = draws.count();
    if (rows > 0) {
      (draws.allGreedy() ? argmax : sample).launch(stream, rows, 1, 1);
      driver.downloadAsync(pinned, ids, (long) rows * Integer.BYTES, stream);
    }
    driver.synchronize(stream);
    MemorySegment.copy(pinned, ValueLayout.JAVA_INT, 0, chosen, 0, rows);
    return chosen;
  }
}
