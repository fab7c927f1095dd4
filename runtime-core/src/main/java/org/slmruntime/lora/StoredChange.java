package org.slmruntime.lora;

import org.slmruntime.format.StoredTensor;

/**
 * The change of one layer as an adapter's file has it.
 *
 * @param name what the file calls the layer, for messages
 * @param layer GGUF's name of it, without {@code .weight}
 * @param a [rank x in]
 * @param b [out x rank]
 * @param scale that the adapter asks for
 */
record StoredChange(String name, String layer, StoredTensor a, StoredTensor b, float scale) {
  /** What the layer's matrix is called in GGUF. */
  String matrix() {
    return layer + ".weight";
  }

  int rank() {
    return (int) a.rows();
  }
}
