package org.slmruntime.lora;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.format.safetensors.SafetensorsWriter;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Weight;
import org.slmruntime.model.Models;
import org.slmruntime.tensor.DType;

/** Adapters with random numbers in files, and the logits of models with them. */
final class AdapterFiles {
  static final int[] IDS = {1, 12, 33, 7, 51, 20, 9};

  private AdapterFiles() {}

  static float[] random(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 0.3f * (float) random.nextGaussian();
    }
    return values;
  }

  /** An adapter of a model as {@link PeftWriter} writes it. */
  static Path peft(Path folder, Path model, PeftWriter.Settings settings, Random random) {
    try (GgufFile file = GgufFile.open(model)) {
      Graph graph = Models.build(file).graph();
      List<LoraTarget> targets = LoraTarget.find(graph, settings.targets());
      Map<Weight, float[]> values = new LinkedHashMap<>();
      for (LoraTarget target : targets) {
        LowRank change = target.change(settings.rank(), settings.scale());
        values.put(change.a(), random(random, (int) change.a().elements()));
        values.put(change.b(), random(random, (int) change.b().elements()));
      }
      new PeftWriter(graph, settings).write(folder, targets, values);
      return folder;
    }
  }

  /**
   * A folder with this config and tensors of zeros.
   *
   * @param tensors names and shapes as in the file, slowest varying first
   */
  static Path folder(Path folder, String config, Map<String, List<Long>> tensors) {
    SafetensorsWriter writer = new SafetensorsWriter();
    tensors.forEach(
        (name, shape) -> {
          int count = Math.toIntExact(shape.stream().reduce(1L, (a, b) -> a * b));
          writer.add(name, DType.F32, shape.reversed(), new float[count]);
        });
    try {
      Files.createDirectories(folder);
      writer.write(folder.resolve(PeftFolder.TENSORS));
      Files.writeString(folder.resolve(PeftFolder.CONFIG), config.replace('\'', '"'));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The beginning of a GGUF adapter of a Llama. */
  static GgufWriter gguf(double alpha) {
    return new GgufWriter()
        .put("general.type", "adapter")
        .put("general.architecture", "llama")
        .put("adapter.type", "lora")
        .put("adapter.lora.alpha", alpha);
  }

  /** Logits after the last of {@link #IDS}. */
  static float[] logits(Path model, ScaledAdapter... adapters) {
    ModelOptions options =
        ModelOptions.defaults()
            .backend("reference")
            .kvType(DType.F32)
            .adapters(List.of(adapters))
            .notice(_ -> {});
    try (ModelRunner runner = ModelRunner.open(model, options);
        ModelRunner.Sequence sequence = runner.newSequence()) {
      float[] last = new float[runner.model().vocabulary()];
      runner.forwardLast(
          sequence,
          IDS,
          (_, logits, offset) -> System.arraycopy(logits, offset, last, 0, last.length));
      return last;
    }
  }
}
