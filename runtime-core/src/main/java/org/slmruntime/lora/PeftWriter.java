package org.slmruntime.lora;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slmruntime.format.AtomicFile;
import org.slmruntime.format.safetensors.SafetensorsWriter;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/** Writes an adapter as PEFT does, for {@code slm --lora} and all that read PEFT's folders. */
public final class PeftWriter {
  private final Graph graph;
  private final Settings settings;

  /**
   * What {@code adapter_config.json} says.
   *
   * @param baseModel name or path of the model that was adapted, for people
   * @param rank of all changes
   * @param alpha the scale times the rank (or times its square root)
   * @param rankStabilized whether the scale is alpha / sqrt(rank) instead of alpha / rank
   * @param targets names of modules or ends of them, or {@link LoraTarget#ALL_LINEAR}
   */
  public record Settings(
      String baseModel, int rank, double alpha, boolean rankStabilized, List<String> targets) {
    public Settings {
      targets = List.copyOf(targets);
    }

    /** The scale of every change, as who reads the adapter computes it. */
    public float scale() {
      return config(List.of()).scale("");
    }

    private PeftConfig config(List<String> names) {
      return new PeftConfig(rank, alpha, rankStabilized, List.of(), List.of(), names);
    }
  }

  /**
   * @param graph of the model without the adapter
   */
  public PeftWriter(Graph graph, Settings settings) {
    this.graph = graph;
    this.settings = settings;
  }

  /**
   * Writes the folder, which is made if need be. Each file appears whole or not at all.
   *
   * @param targets the layers changed, each by {@link LoraTarget#change} of the settings' rank
   * @param values of the matrices A and B of each, row by row
   * @throws org.slmruntime.SlmException if it cannot be written
   */
  public void write(Path folder, List<LoraTarget> targets, Map<Weight, float[]> values) {
    SafetensorsWriter writer = new SafetensorsWriter().put("format", "pt");
    for (LoraTarget target : targets) {
      LowRank change = target.change(settings.rank, 1);
      String name = PeftFolder.PREFIX + target.module();
      add(writer, name + ".lora_A.weight", change.a(), values.get(change.a()));
      float[] b = values.get(change.b());
      add(
          writer,
          name + ".lora_B.weight",
          change.b(),
          rows(target).map(rows -> rows.toTransformers(b, settings.rank)).orElse(b));
    }
    byte[] config =
        settings.config(names(targets)).json(settings.baseModel).getBytes(StandardCharsets.UTF_8);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new AdapterException(folder + ": cannot be made: " + e, e);
    }
    writer.write(folder.resolve(PeftFolder.TENSORS));
    AtomicFile.write(folder.resolve(PeftFolder.CONFIG), out -> out.write(config));
  }

  /** PEFT, too, puts names in the place of the word that takes all. */
  private List<String> names(List<LoraTarget> targets) {
    if (!settings.targets.contains(LoraTarget.ALL_LINEAR)) {
      return settings.targets;
    }
    return Stream.concat(
            settings.targets.stream().filter(name -> !name.equals(LoraTarget.ALL_LINEAR)),
            targets.stream().map(LoraTarget::kind))
        .distinct()
        .toList();
  }

  private Optional<HeadRows> rows(LoraTarget target) {
    return graph.nodes().stream()
        .filter(node -> node.qualifiedName().equals(target.layer()))
        .findFirst()
        .flatMap(node -> HeadRows.of(graph, node));
  }

  private static void add(SafetensorsWriter writer, String name, Weight weight, float[] values) {
    List<Long> dims = List.of((long) weight.columns(), (long) weight.rows());
    writer.add(name, DType.F32, dims, values);
  }
}
