package org.slmruntime.lora;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slmruntime.format.Metadata;
import org.slmruntime.format.Shown;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.gguf.GgufFile;

/**
 * Reads an adapter as llama.cpp has it: a GGUF file whose {@code general.type} is {@code adapter},
 * with tensors {@code <matrix>.lora_a} [rank x in] and {@code <matrix>.lora_b} [out x rank]. The
 * scale is {@code adapter.lora.alpha / rank}, or 1 if alpha is 0.
 */
final class GgufAdapter {
  private static final String A = ".weight.lora_a";
  private static final String B = ".weight.lora_b";
  private static final String EMBEDDING = "token_embd";
  private static final String ALPHA = "adapter.lora.alpha";

  private final GgufFile file;

  private GgufAdapter(GgufFile file) {
    this.file = file;
  }

  static Adapter open(Path path) {
    GgufFile file = GgufFile.open(path);
    try {
      return new GgufAdapter(file).adapter();
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private Adapter adapter() {
    Metadata metadata = file.metadata();
    require(metadata, "general.type", "adapter");
    require(metadata, "adapter.type", "lora");
    if (metadata.has("adapter.alora.invocation_tokens")) {
      throw error("adapters that tokens switch on are not supported");
    }
    double alpha = metadata.number(ALPHA).orElse(0.0);
    if (!Double.isFinite(alpha)) {
      throw metadata.wrong(ALPHA, "is " + alpha);
    }
    String architecture = metadata.requireString("general.architecture");
    return new Adapter(file.source(), file, Optional.of(architecture), false, changes(alpha));
  }

  private void require(Metadata metadata, String key, String value) {
    String found = metadata.string(key).orElse("absent");
    if (!found.equals(value)) {
      throw error("is no LoRA adapter: " + key + " is " + Shown.of(found) + ", not " + value);
    }
  }

  private List<StoredChange> changes(double alpha) {
    Map<String, StoredTensor> a = new LinkedHashMap<>();
    Map<String, StoredTensor> b = new LinkedHashMap<>();
    for (StoredTensor tensor : file.tensors()) {
      String name = tensor.name();
      if (name.endsWith(A)) {
        a.put(name.substring(0, name.length() - A.length()), tensor);
      } else if (name.endsWith(B)) {
        b.put(name.substring(0, name.length() - B.length()), tensor);
      } else {
        throw error("tensor " + Shown.of(name) + " is no half of a low-rank change");
      }
    }
    List<StoredChange> changes = new ArrayList<>();
    a.forEach((layer, tensor) -> changes.add(change(layer, tensor, b.remove(layer), alpha)));
    if (!b.isEmpty()) {
      throw error(Shown.of(b.keySet().iterator().next()) + " has a lora_b but no lora_a");
    }
    return changes;
  }

  private StoredChange change(String layer, StoredTensor a, StoredTensor b, double alpha) {
    String shown = Shown.of(layer);
    if (layer.equals(EMBEDDING)) {
      throw error("tensor " + Shown.of(a.name()) + " is not supported: it changes an embedding");
    }
    if (b == null) {
      throw error(shown + " has a lora_a but no lora_b");
    }
    float scale = alpha == 0 ? 1 : (float) (alpha / a.rows());
    return new StoredChange(shown, layer, a, b, scale);
  }

  private AdapterException error(String problem) {
    return new AdapterException(file.source() + ": " + problem);
  }
}
