package org.slmruntime.backend.reference;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.quant.QuantEncoder;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/**
 * Keys and values of one layer, kept as floats that went through the cache's element type, so that
 * they have its precision.
 */
final class ReferenceKvCache {
  private final KvLayer layer;
  private final int blockTokens;
  private final float[][] keys;
  private final float[][] values;
  private final QuantEncoder format;
  private final float[] padded;
  private final MemorySegment encoded;

  ReferenceKvCache(KvLayer layer, PlanOptions options) {
    this.layer = layer;
    this.blockTokens = options.kvBlockTokens();
    this.keys = new float[options.kvBlocks()][blockTokens * layer.keyWidth()];
    this.values = new float[options.kvBlocks()][blockTokens * layer.valueWidth()];
    DType type = options.kvType();
    this.format = QuantFormats.encoder(type).orElseThrow();
    int block = type.blockElements();
    int head = Math.ceilDiv(Math.max(layer.keySize(), layer.valueSize()), block) * block;
    this.padded = new float[head];
    this.encoded = MemorySegment.ofArray(new byte[(int) type.byteSize(head)]);
  }

  void append(float[] key, float[] value, StepInput input) {
    for (int t = 0; t < input.tokenCount(); t++) {
      int block = input.block(input.sequence(t), input.position(t), blockTokens);
      int slot = input.position(t) % blockTokens;
      store(key, t * layer.keyWidth(), keys[block], slot * layer.keyWidth(), layer.keySize());
      store(
          value,
          t * layer.valueWidth(),
          values[block],
          slot * layer.valueWidth(),
          layer.valueSize());
    }
  }

  /** Index 0 of the key of {@code head} at {@code position} lies at {@link #keyOffset} of this. */
  float[] keyBlock(StepInput input, int sequence, int position) {
    return keys[input.block(sequence, position, blockTokens)];
  }

  int keyOffset(int position, int head) {
    return position % blockTokens * layer.keyWidth() + head * layer.keySize();
  }

  float[] valueBlock(StepInput input, int sequence, int position) {
    return values[input.block(sequence, position, blockTokens)];
  }

  int valueOffset(int position, int head) {
    return position % blockTokens * layer.valueWidth() + head * layer.valueSize();
  }

  /** Copies all heads of one token, each through the element type. */
  private void store(float[] from, int fromOffset, float[] to, int toOffset, int headSize) {
    for (int head = 0; head < layer.heads(); head++) {
      Arrays.fill(padded, 0);
      System.arraycopy(from, fromOffset + head * headSize, padded, 0, headSize);
      format.encode(padded, 0, padded.length, encoded, 0);
      format.decode(encoded, 0, padded, 0, padded.length);
      System.arraycopy(padded, 0, to, toOffset + head * headSize, headSize);
    }
  }
}
