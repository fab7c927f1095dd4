package org.slmruntime.lora;

import java.nio.file.Path;

/**
 * An adapter to apply.
 *
 * @param path PEFT's folder (or the safetensors file in it), or a GGUF file
 * @param scale multiplies what the adapter itself asks for; 1 is as it was trained, 0 nothing
 */
public record ScaledAdapter(Path path, float scale) {
  public ScaledAdapter {
    if (!Float.isFinite(scale)) {
      throw new AdapterException(path + ": cannot be scaled by " + scale);
    }
  }
}
