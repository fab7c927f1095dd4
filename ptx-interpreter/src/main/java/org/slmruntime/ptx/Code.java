package org.slmruntime.ptx;

import java.util.Map;

/**
 * A decoded entry.
 *
 * @param sharedBytes of the module's and the entry's own variables
 * @param sharedOffsets of the module's shared variables
 */
record Code(
    PtxModule module,
    String name,
    Instruction[] instructions,
    Slots slots,
    int localBytes,
    int sharedBytes,
    Map<String, Integer> sharedOffsets,
    int maxThreads) {

  /** Where the launch's own shared memory begins. */
  int dynamicOffset() {
    return Math.ceilDiv(sharedBytes, 16) * 16;
  }
}
