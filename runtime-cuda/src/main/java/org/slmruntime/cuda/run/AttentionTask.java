package org.slmruntime.cuda.run;

import java.util.Locale;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.cuda.weights.DeviceWeights;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;
import org.slmruntime.tensor.DType;

/**
 * Attention of a step's tokens. Long runs of a sequence's tokens go to the prefill kernel in tiles
 * where it takes this shape; all others are computed token by token, with the context split in
 * parts. How many parts depends on the longest context alone, so that a sequence's result is the
 * same to the bit whatever else is in the step, as long as the longest context is of the same
 * class.
 */
final class AttentionTask implements Task {
  private static final int THREADS = 128;

  /** Query heads that one block of the decode kernel takes. */
  private static final int GROUP = 8;

  /** Blocks that an SM runs at once, beyond which more parts bring nothing. */
  private static final int BLOCKS_PER_SM = 2;

  private final Op.Attention op;
  private final Site decode;
  private final Site combine;
  private final Site prefill;
  private final Addresses addresses;
  private final Value output;
  private final int heads;
  private final int grid;
  private final int mostSplits;
  private final long partials;

  AttentionTask(
      Op.Attention op, Value output, Sites sites, Addresses addresses, DeviceWeights weights) {
    this.op = op;
    this.output = output;
    this.addresses = addresses;
    this.heads = op.heads();
    KvLayer layer = op.layer();
    this.grid = layer.heads() * Math.ceilDiv(heads / layer.heads(), GROUP);
    this.partials = addresses.plan().capacity().partials();
    this.mostSplits = mostSplits(BLOCKS_PER_SM * sites.multiprocessors(), grid);
    DType type = addresses.plan().options().kvType();
    String suffix = type.name().toLowerCase(Locale.ROOT);
    long sinks = op.sinks().map(weights::vector).orElse(0L);
    this.decode = sites.of("attention_" + suffix + "_" + size(layer), THREADS);
    common(decode.arguments())
        .set("key_size", layer.keySize())
        .set("value_size", layer.valueSize())
        .set("partial", addresses.scratch());
    this.combine = sites.of("attention_combine", THREADS);
    combine
        .arguments()
        .set("partial", addresses.scratch())
        .set("sinks", sinks)
        .set("y_stride", addresses.stride(output))
        .set("heads", heads)
        .set("value_size", layer.valueSize());
    this.prefill = tiled(layer, type) ? prefill(suffix, sinks, sites) : null;
  }

  private Site prefill(String suffix, long sinks, Sites sites) {
    Site site = sites.of("attention_prefill_" + suffix + "_" + op.layer().keySize(), THREADS);
    common(site.arguments())
        .set("q", addresses.of(op.query()))
        .set("tiles", addresses.state() + addresses.stateLayout().tiles())
        .set("sinks", sinks)
        .set("y", addresses.of(output))
        .set("y_stride", addresses.stride(output));
    return site;
  }

  private KernelArguments common(KernelArguments arguments) {
    return arguments
        .set("q_stride", addresses.stride(op.query()))
        .set("keys", addresses.keys(op.layer()))
        .set("values", addresses.values(op.layer()))
        .set("block_tables", addresses.state() + addresses.stateLayout().tables())
        .set("heads", heads)
        .set("kv_heads", op.layer().heads())
        .set("block_tokens", addresses.plan().capacity().blockTokens())
        .set("scale", op.scale())
        .set("softcap", op.softcap())
        .set("window", op.window());
  }

  private static String size(KvLayer layer) {
    int size = layer.keySize();
    boolean own = size == layer.valueSize() && (size == 64 || size == 128 || size == 256);
    return own ? Integer.toString(size) : "any";
  }

  private static boolean tiled(KvLayer layer, DType type) {
    int size = layer.keySize();
    return size == layer.valueSize() && (size == 64 || size == 128) && type != DType.F32;
  }

  private static int mostSplits(int blocks, int grid) {
    return Math.min(Buckets.MAX_SPLITS, Integer.highestOneBit(Math.max(1, blocks / grid)));
  }

  @Override
  public void run(StepShape shape, long stream) {
    StateLayout state = addresses.stateLayout();
    if (prefill == null || shape.tiles == 0) {
      decode(shape, 0, shape.tokens, state.positions(), stream);
      return;
    }
    // First what tokens between tiles need: it gives zeros for tiles among them.
    if (shape.loose > 0) {
      decode(shape, shape.firstLoose, shape.loose, state.loosePositions(), stream);
    }
    prefill.arguments().set("table_stride", shape.tableStride);
    prefill.launch(stream, shape.tiles, heads, 1);
  }

  private void decode(StepShape shape, int first, int count, long positions, long stream) {
    long state = addresses.state();
    int splits = splits(shape.contextClass, count);
    long token = (long) first * Integer.BYTES;
    decode
        .arguments()
        .set("q", addresses.of(op.query()) + token * addresses.stride(op.query()))
        .set("sequences", state + addresses.stateLayout().sequences() + token)
        .set("positions", state + positions + token)
        .set("table_stride", shape.tableStride);
    decode.launch(stream, splits, grid, count);
    combine
        .arguments()
        .set("y", addresses.of(output) + token * addresses.stride(output))
        .set("splits", splits);
    combine.launch(stream, heads, count, 1);
  }

  private int splits(int contextClass, int count) {
    int seen = op.window() > 0 ? Buckets.contextClass(op.window()) : contextClass;
    int splits = Math.min(Buckets.SPLITS[Math.min(seen, contextClass)], mostSplits);
    while ((long) splits * count > partials) {
      splits /= 2;
    }
    return splits;
  }
}
