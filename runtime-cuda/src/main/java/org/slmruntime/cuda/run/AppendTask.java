package org.slmruntime.cuda.run;

import java.util.Locale;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.cuda.plan.Step;
import org.slmruntime.cuda.weights.DeviceWeights;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.RotaryTable;

/** Head norms, rotation and the append to the cache, a warp per head. */
final class AppendTask implements Task {
  private static final int WARPS = 4;

  private final Site site;
  private final int gridY;

  AppendTask(Step.Append step, Sites sites, Addresses addresses, DeviceWeights weights) {
    KvLayer layer = step.layer();
    int heads = step.query().map(Step.Query::heads).orElse(0);
    this.gridY = Math.ceilDiv(heads + 2 * layer.heads(), WARPS);
    String type = addresses.plan().options().kvType().name().toLowerCase(Locale.ROOT);
    this.site = sites.of("append_" + type, 32, WARPS);
    KernelArguments a = site.arguments();
    StateLayout state = addresses.stateLayout();
    a.set("k", addresses.of(step.key()))
        .set("k_stride", addresses.stride(step.key()))
        .set("v", addresses.of(step.value()))
        .set("v_stride", addresses.stride(step.value()))
        .set("k_norm", step.keyNorm().map(weights::vector).orElse(0L))
        .set("epsilon", step.epsilon())
        .set("heads", heads)
        .set("kv_heads", layer.heads())
        .set("key_size", layer.keySize())
        .set("value_size", layer.valueSize())
        .set("keys", addresses.keys(layer))
        .set("values", addresses.values(layer))
        .set("block_tables", addresses.state() + state.tables())
        .set("sequences", addresses.state() + state.sequences())
        .set("positions", addresses.state() + state.positions())
        .set("block_tokens", addresses.plan().capacity().blockTokens());
    step.query()
        .ifPresent(
            q ->
                a.set("q", addresses.of(q.value()))
                    .set("q_stride", addresses.stride(q.value()))
                    .set("q_norm", q.norm().map(weights::vector).orElse(0L)));
    step.rope().ifPresent(table -> rotation(a, table, addresses));
  }

  /** The arguments that say how to rotate. */
  static void rotation(KernelArguments arguments, RotaryTable table, Addresses addresses) {
    arguments
        .set("angles", addresses.angles(table))
        .set("pairs", table.frequencies().length)
        .set("pairing", table.pairing() == RotaryTable.Pairing.HALVES ? 0 : 1);
  }

  @Override
  public void run(StepShape shape, long stream) {
    site.arguments().set("table_stride", shape.tableStride);
    site.launch(stream, shape.tokens, gridY, 1);
  }
}
