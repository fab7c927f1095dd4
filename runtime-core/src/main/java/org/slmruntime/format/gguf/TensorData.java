package org.slmruntime.format.gguf;

import java.io.IOException;
import java.io.OutputStream;

/** A tensor's bytes, made when they are written, so that a whole model need not be in memory. */
@FunctionalInterface
public interface TensorData {
  /** Writes exactly the tensor's bytes, little-endian. */
  void writeTo(OutputStream out) throws IOException;
}
