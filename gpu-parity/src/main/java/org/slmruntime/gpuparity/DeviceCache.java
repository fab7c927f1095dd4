package org.slmruntime.gpuparity;

import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.kernels.CacheLayout;
import org.slmruntime.tensor.DType;

/**
 * One layer's paged cache on the device, its blocks in an order of their own.
 *
 * @param type {@code f32}, {@code f16} or {@code q8_0}
 * @param tables address of the block tables
 * @param tableStride blocks of each sequence
 */
record DeviceCache(
    String type,
    int heads,
    int keySize,
    int valueSize,
    int blockTokens,
    int tableStride,
    long keys,
    long values,
    long tables,
    long bytesOfKeys,
    long bytesOfValues) {
  /** An empty one for so many tokens of so many sequences. */
  static DeviceCache make(
      Lab lab, String type, int heads, int keySize, int valueSize, int sequences, int tokens) {
    int blockTokens = 16;
    int perSequence = Math.ceilDiv(tokens, blockTokens);
    int blocks = perSequence * sequences;
    int[] tables = new int[blocks];
    for (int i = 0; i < blocks; i++) {
      tables[i] = blocks - 1 - i;
    }
    DType stored = DType.valueOf(type.toUpperCase(Locale.ROOT));
    long chunks = (long) blocks * heads;
    long keyBytes = chunks * CacheLayout.chunkBytes(stored, keySize, blockTokens);
    long valueBytes = chunks * CacheLayout.chunkBytes(stored, valueSize, blockTokens);
    return new DeviceCache(
        type,
        heads,
        keySize,
        valueSize,
        blockTokens,
        perSequence,
        lab.zeros(keyBytes),
        lab.zeros(valueBytes),
        lab.upload(tables),
        keyBytes,
        valueBytes);
  }

  /** Sets the arguments that all kernels of the cache share. */
  KernelArguments into(KernelArguments arguments) {
    return arguments
        .set("keys", keys)
        .set("values", values)
        .set("block_tables", tables)
        .set("table_stride", tableStride)
        .set("kv_heads", heads)
        .set("block_tokens", blockTokens);
  }

  /** Fills positions 0 to {@code tokens - 1} of a sequence with random keys and values. */
  void fill(Lab lab, int sequence, int tokens, RandomGenerator random) {
    int chunk = 4096;
    for (int first = 0; first < tokens; first += chunk) {
      int count = Math.min(chunk, tokens - first);
      int[] sequences = new int[count];
      Arrays.fill(sequences, sequence);
      long k = lab.upload(Draws.normal(count * heads * keySize, 1, random));
      long v = lab.upload(Draws.normal(count * heads * valueSize, 1, random));
      append(lab, count, lab.upload(sequences), lab.upload(Draws.range(first, count)), k, v);
    }
  }

  private void append(Lab lab, int count, long sequences, long positions, long k, long v) {
    lab.launch(
        "append_" + type,
        grid(count, 0),
        a -> appended(a, k, v).set("sequences", sequences).set("positions", positions));
  }

  /** Sets the arguments of an append of rows without gaps. */
  KernelArguments appended(KernelArguments arguments, long k, long v) {
    return into(arguments)
        .set("k", k)
        .set("k_stride", heads * keySize)
        .set("v", v)
        .set("v_stride", heads * valueSize)
        .set("key_size", keySize)
        .set("value_size", valueSize);
  }

  /** The grid of an append, with so many query heads to rotate. */
  Grid grid(int tokens, int queryHeads) {
    return new Grid(tokens, Math.ceilDiv(queryHeads + 2 * heads, 4), 1, 32, 4, 1);
  }
}
