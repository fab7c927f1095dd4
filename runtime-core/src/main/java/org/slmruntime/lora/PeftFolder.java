package org.slmruntime.lora;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slmruntime.format.Shown;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.safetensors.SafetensorsFile;
import org.slmruntime.json.JsonException;

/**
 * Reads an adapter as PEFT saves it: a folder with {@code adapter_config.json} and {@code
 * adapter_model.safetensors}, whose tensors are {@code base_model.model.<module>.lora_A.weight} and
 * {@code .lora_B.weight}, with the adapter's name before {@code .weight} from some exporters.
 */
final class PeftFolder {
  static final String CONFIG = "adapter_config.json";
  static final String TENSORS = "adapter_model.safetensors";
  static final String PREFIX = "base_model.model.";
  private static final String PICKLED = "adapter_model.bin";
  private static final int MAX_CONFIG_BYTES = 1 << 20;
  private static final Pattern HALF =
      Pattern.compile("base_model\\.model\\.(.+)\\.lora_([AB])(?:\\.[^.]+)?\\.weight");

  private final String source;
  private final PeftConfig config;
  private final Map<String, StoredTensor> a = new LinkedHashMap<>();
  private final Map<String, StoredTensor> b = new LinkedHashMap<>();

  private PeftFolder(String source, PeftConfig config) {
    this.source = source;
    this.config = config;
  }

  /**
   * @param path as the user gave it
   * @param folder where the files are
   */
  static Adapter open(Path path, Path folder) {
    Path tensors = path.equals(folder) ? folder.resolve(TENSORS) : path;
    if (!Files.exists(tensors) && Files.exists(folder.resolve(PICKLED))) {
      throw Adapter.pickled(folder.resolve(PICKLED));
    }
    PeftConfig config = config(folder.resolve(CONFIG));
    SafetensorsFile file = SafetensorsFile.open(tensors);
    try {
      List<StoredChange> changes = new PeftFolder(path.toString(), config).changes(file);
      return new Adapter(path.toString(), file, Optional.empty(), true, changes);
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static PeftConfig config(Path path) {
    try {
      if (!Files.isRegularFile(path)) {
        throw new AdapterException(path + ": no such file; an adapter has one beside its tensors");
      }
      if (Files.size(path) > MAX_CONFIG_BYTES) {
        throw new AdapterException(
            path + ": has " + Files.size(path) + " bytes; at most " + MAX_CONFIG_BYTES);
      }
      return PeftConfig.parse(Files.readString(path));
    } catch (CharacterCodingException e) {
      throw new AdapterException(path + ": is not UTF-8 text", e);
    } catch (IOException e) {
      throw new AdapterException(path + ": cannot be read: " + e.getMessage(), e);
    } catch (JsonException e) {
      throw new AdapterException(path + ": " + e.getMessage(), e);
    }
  }

  private List<StoredChange> changes(SafetensorsFile file) {
    file.tensors().forEach(this::add);
    List<StoredChange> changes = new ArrayList<>();
    a.forEach((module, tensor) -> changes.add(change(module, tensor)));
    b.keySet().stream()
        .filter(module -> !a.containsKey(module))
        .findFirst()
        .ifPresent(
            module -> {
              throw error(Shown.of(module) + " has a lora_B but no lora_A");
            });
    return changes;
  }

  private void add(StoredTensor tensor) {
    String name = tensor.name();
    if (name.endsWith(".base_layer.weight")) {
      return;
    }
    Matcher half = HALF.matcher(name);
    if (!half.matches()) {
      throw error("tensor " + Shown.of(name) + " is not supported: " + kind(name));
    }
    Map<String, StoredTensor> halves = half.group(2).equals("A") ? a : b;
    if (halves.put(half.group(1), tensor) != null) {
      throw error("tensor " + Shown.of(name) + " is of another adapter in the same file");
    }
  }

  private static String kind(String name) {
    if (name.contains("lora_embedding_")) {
      return "it changes an embedding";
    }
    if (name.contains("lora_magnitude_vector")) {
      return "it belongs to DoRA";
    }
    return name.endsWith(".bias") ? "it is a bias" : "it is no half of a low-rank change";
  }

  private StoredChange change(String module, StoredTensor itsA) {
    String shown = Shown.of(module);
    StoredTensor itsB = b.get(module);
    if (itsB == null) {
      throw error(shown + " has a lora_A but no lora_B");
    }
    String layer =
        HuggingFaceNames.toGguf(module)
            .orElseThrow(() -> error(shown + " is no linear layer of a supported architecture"));
    if (!config.targets(module)) {
      throw error(shown + " is not among the \"target_modules\" of " + CONFIG);
    }
    if (itsA.rows() != config.rank(module)) {
      throw error(
          shown
              + ".lora_A has rank "
              + itsA.rows()
              + " but "
              + CONFIG
              + " says "
              + config.rank(module));
    }
    return new StoredChange(shown, layer, itsA, itsB, config.scale(module));
  }

  private AdapterException error(String problem) {
    return new AdapterException(source + ": " + problem);
  }
}
